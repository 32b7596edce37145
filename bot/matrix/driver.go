package matrix

import (
	"context"
	"database/sql/driver"

	"modernc.org/sqlite"
)

// steady is the SQLite driver made deaf to cancellation. The library gives one
// context to requests and to the database alike; a stop, or a session that ends,
// would cut a statement in the middle, and a transaction cut at its beginning
// stays open on its connection and locks the file against the next session.
// Every statement here takes milliseconds: it is let end.
type steady struct {
	sqlite *sqlite.Driver
	dsn    string
}

func newSteady(dsn string) driver.Connector { return steady{&sqlite.Driver{}, dsn} }

// Connect implements driver.Connector.
func (s steady) Connect(context.Context) (driver.Conn, error) {
	c, err := s.sqlite.Open(s.dsn)
	if err != nil {
		return nil, err
	}
	return steadyConn{c.(sqliteConn)}, nil
}

// Driver implements driver.Connector.
func (s steady) Driver() driver.Driver { return s.sqlite }

// sqliteConn is what the driver's connections can do.
type sqliteConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ExecerContext
	driver.QueryerContext
}

type steadyConn struct{ sqliteConn }

func (c steadyConn) BeginTx(ctx context.Context, o driver.TxOptions) (driver.Tx, error) {
	return c.sqliteConn.BeginTx(context.WithoutCancel(ctx), o)
}

func (c steadyConn) ExecContext(ctx context.Context, q string, args []driver.NamedValue) (driver.Result, error) {
	return c.sqliteConn.ExecContext(context.WithoutCancel(ctx), q, args)
}

func (c steadyConn) QueryContext(ctx context.Context, q string, args []driver.NamedValue) (driver.Rows, error) {
	return c.sqliteConn.QueryContext(context.WithoutCancel(ctx), q, args)
}
