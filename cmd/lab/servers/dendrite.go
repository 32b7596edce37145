package servers

import (
	"context"
	"crypto/rand"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"time"
)

// MatrixName is the homeserver's name: user ids end with ":lab.test".
const MatrixName = "lab.test"

// A Dendrite is the lab's Matrix homeserver: SQLite files, no federation, registration by shared secret only.
type Dendrite struct {
	*Server
	// URL is the homeserver's address for clients, "http://127.0.0.1:port".
	URL string
	// Users are the registered users, by local part.
	Users map[string]MatrixUser
	// Rooms are the rooms made at the start, by their name in the lab: "support", "adminsys", "annonces".
	Rooms map[string]Room

	sharedSecret string
}

// A MatrixUser is a registered user.
type MatrixUser struct {
	ID       string // "@jean:lab.test"
	Local    string // "jean"
	Password string
}

// A Room is a Matrix room that the lab has made. The bot is invited with power 50 (topic, redaction, pins), not joined.
type Room struct {
	ID        string // "!…:lab.test"
	Alias     string // "#support:lab.test"
	Encrypted bool
	Public    bool
}

// dendriteConfig: %[1]s folder, %[2]s shared secret, %[3]t rate limiting as it is shipped.
const dendriteConfig = `version: 2
global:
  server_name: ` + MatrixName + `
  private_key: %[1]s/matrix_key.pem
  disable_federation: true
  presence: {enable_inbound: false, enable_outbound: false}
  report_stats: {enabled: false}
  cache: {max_size_estimated: 64mb, max_age: 1h}
  jetstream: {storage_path: %[1]s/jetstream, addresses: []}
client_api:
  registration_disabled: true
  guests_disabled: true
  registration_shared_secret: %[2]s
  rate_limiting: {enabled: %[3]t, threshold: 20, cooloff_ms: 500}
federation_api: {database: {connection_string: "file:%[1]s/federation.db"}, key_perspectives: []}
key_server: {database: {connection_string: "file:%[1]s/keys.db"}}
media_api: {base_path: %[1]s/media, database: {connection_string: "file:%[1]s/media.db"}, max_file_size_bytes: 10485760}
mscs: {database: {connection_string: "file:%[1]s/mscs.db"}}
relay_api: {database: {connection_string: "file:%[1]s/relay.db"}}
room_server: {database: {connection_string: "file:%[1]s/rooms.db"}}
sync_api: {database: {connection_string: "file:%[1]s/sync.db"}, search: {enabled: false}}
user_api: {account_database: {connection_string: "file:%[1]s/accounts.db"}, bcrypt_cost: 4}
logging:
  - {type: std, level: warn}
`

// newDendrite writes the server's files; it does not start it.
func newDendrite(bin, dir, logFile string, opts Options) (*Dendrite, error) {
	ports, err := FreePorts(1)
	if err != nil {
		return nil, err
	}
	addr := fmt.Sprintf("127.0.0.1:%d", ports[0])
	d := &Dendrite{URL: "http://" + addr, sharedSecret: secret(), Users: map[string]MatrixUser{}, Rooms: map[string]Room{}}
	// The bind addresses are flags: the TLS one stays unused without a certificate.
	d.Server = &Server{Name: "dendrite", LogFile: logFile, bin: bin, dir: dir,
		args:  []string{"-config", "dendrite.yaml", "-http-bind-address", addr},
		ready: func(ctx context.Context) error { return answersMatrix(ctx, d.URL) }}
	seed := make([]byte, 32)
	rand.Read(seed) // never fails, by its documentation
	key := pem.EncodeToMemory(&pem.Block{Type: "MATRIX PRIVATE KEY", Headers: map[string]string{"Key-ID": "ed25519:lab"}, Bytes: seed})
	if err := os.WriteFile(filepath.Join(dir, "matrix_key.pem"), key, 0o600); err != nil {
		return nil, err
	}
	conf := fmt.Sprintf(dendriteConfig, dir, d.sharedSecret, opts.RateLimit)
	return d, os.WriteFile(filepath.Join(dir, "dendrite.yaml"), []byte(conf), 0o600)
}

// answersMatrix is one probe of a homeserver.
func answersMatrix(ctx context.Context, url string) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/_matrix/client/versions", nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, io.LimitReader(resp.Body, 1<<16)); err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("homeserver answers %s", resp.Status)
	}
	return nil
}
