package matrix

import (
	"context"
	"fmt"
	"slices"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/id"
)

// devicesChanged takes in whose devices are new or gone. That they must be asked
// for is written down before they are: the server says it once, and somebody
// whose new device was missed could never read us on it.
func (s *session) devicesChanged(ctx context.Context, lists *mautrix.DeviceLists) error {
	if len(lists.Changed) > 0 {
		if err := s.mach.CryptoStore.MarkTrackedUsersOutdated(ctx, lists.Changed); err != nil {
			return fatalf("crypto database: %w", err)
		}
	}
	if err := s.askDevices(ctx, nil); err != nil {
		s.log.Warn("matrix: devices could not be asked for yet", "error", brief(err))
	}
	return nil
}

// askDevices asks the server for the devices of those whose list is out of date:
// of everybody when among is nil. People of a server that cannot be reached stay
// on the list, and hold up nobody.
func (s *session) askDevices(ctx context.Context, among []id.UserID) error {
	s.devices.Lock()
	defer s.devices.Unlock()
	old, err := s.mach.CryptoStore.GetOutdatedTrackedUsers(ctx)
	if err != nil {
		return fmt.Errorf("crypto database: %w", err)
	}
	if among != nil {
		old = slices.DeleteFunc(old, func(u id.UserID) bool { return !slices.Contains(among, u) })
	}
	for some := range slices.Chunk(old, devicesAtOnce) {
		if _, err := s.mach.FetchKeys(ctx, some, true); err != nil {
			return fmt.Errorf("asking for devices: %w", err)
		}
	}
	return nil
}

// devicesAtOnce is how many people one request for devices names.
const devicesAtOnce = 250
