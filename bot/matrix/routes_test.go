package matrix

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// The endpoints of home. Each runs with the lock held.

func roomRoutes() []route {
	return []route{
		{"GET", "joined_rooms", func(h *home, me device, _ *http.Request, _ map[string]any, _ []string) (int, any) {
			list := []string{}
			for id, rm := range h.rooms {
				if h.membership(rm, me.user) == "join" {
					list = append(list, id)
				}
			}
			return 200, map[string]any{"joined_rooms": list}
		}},
		{"GET", "directory/room/*", func(h *home, _ device, _ *http.Request, _ map[string]any, arg []string) (int, any) {
			if id := h.aliases[arg[0]]; id != "" {
				return 200, map[string]any{"room_id": id}
			}
			return 404, fail("M_NOT_FOUND")
		}},
		{"POST", "join/*", func(h *home, me device, _ *http.Request, _ map[string]any, arg []string) (int, any) {
			rm := h.rooms[arg[0]]
			if rm == nil {
				return 403, fail("M_FORBIDDEN")
			}
			if h.membership(rm, me.user) != "join" {
				h.post(arg[0], me.user, "m.room.member", &me.user, map[string]any{"membership": "join"})
			}
			return 200, map[string]any{"room_id": arg[0]}
		}},
		{"POST", "rooms/*/leave", func(h *home, me device, _ *http.Request, body map[string]any, arg []string) (int, any) {
			h.post(arg[0], me.user, "m.room.member", &me.user, map[string]any{"membership": "leave", "reason": body["reason"]})
			return 200, map[string]any{}
		}},
		{"POST", "rooms/*/forget", func(h *home, _ device, _ *http.Request, _ map[string]any, arg []string) (int, any) {
			h.touch()
			return 200, map[string]any{}
		}},
		{"POST", "createRoom", createRoom},
		{"GET", "rooms/*/members", func(h *home, me device, _ *http.Request, _ map[string]any, arg []string) (int, any) {
			rm := h.rooms[arg[0]]
			if rm == nil || h.membership(rm, me.user) != "join" {
				return 403, fail("M_FORBIDDEN")
			}
			list := []any{}
			for k, evt := range rm.state {
				if strings.HasPrefix(k, "m.room.member|") {
					list = append(list, evt)
				}
			}
			return 200, map[string]any{"chunk": list}
		}},
		{"GET", "rooms/*/state/*/", getState},
		{"GET", "rooms/*/state/*", getState},
		{"PUT", "rooms/*/state/*/", putState},
		{"PUT", "rooms/*/state/*", putState},
		{"PUT", "rooms/*/send/*/*", putEvent},
		{"PUT", "rooms/*/redact/*/*", func(h *home, me device, _ *http.Request, body map[string]any, arg []string) (int, any) {
			return 200, map[string]any{"event_id": h.post(arg[0], me.user, "m.room.redaction", nil, map[string]any{"redacts": arg[1]})}
		}},
		{"GET", "rooms/*/messages", messages},
		{"PUT", "rooms/*/typing/*", func(h *home, _ device, _ *http.Request, body map[string]any, _ []string) (int, any) {
			h.typing = append(h.typing, body["typing"] == true)
			h.touch()
			return 200, map[string]any{}
		}},
		{"POST", "rooms/*/receipt/m.read/*", func(h *home, _ device, _ *http.Request, _ map[string]any, arg []string) (int, any) {
			h.read[arg[0]] = arg[1]
			h.touch()
			return 200, map[string]any{}
		}},
	}
}

func createRoom(h *home, me device, _ *http.Request, body map[string]any, _ []string) (int, any) {
	id := fmt.Sprintf("!made%d:test", h.pos)
	h.rooms[id] = &room{state: map[string]map[string]any{}}
	empty := ""
	h.post(id, me.user, "m.room.create", &empty, map[string]any{})
	h.post(id, me.user, "m.room.member", &me.user, map[string]any{"membership": "join"})
	initial, _ := body["initial_state"].([]any)
	for _, e := range initial {
		evt := e.(map[string]any)
		h.post(id, me.user, evt["type"].(string), &empty, evt["content"].(map[string]any))
	}
	invited, _ := body["invite"].([]any)
	for _, u := range invited {
		user := u.(string)
		h.post(id, me.user, "m.room.member", &user, map[string]any{"membership": "invite"})
	}
	return 200, map[string]any{"room_id": id}
}

func getState(h *home, me device, r *http.Request, _ map[string]any, arg []string) (int, any) {
	rm := h.rooms[arg[0]]
	if rm == nil || h.membership(rm, me.user) != "join" {
		return 403, fail("M_FORBIDDEN")
	}
	if evt := rm.state[arg[1]+"|"]; evt != nil {
		if r.URL.Query().Get("format") == "event" {
			return 200, evt
		}
		return 200, evt["content"]
	}
	return 404, fail("M_NOT_FOUND")
}

func putState(h *home, me device, _ *http.Request, body map[string]any, arg []string) (int, any) {
	empty := ""
	return 200, map[string]any{"event_id": h.post(arg[0], me.user, arg[1], &empty, body)}
}

// putEvent does what real servers do with a transaction id: the same one gives
// the same event, per token and path.
func putEvent(h *home, me device, r *http.Request, body map[string]any, arg []string) (int, any) {
	rm := h.rooms[arg[0]]
	if rm == nil || h.membership(rm, me.user) != "join" {
		return 403, fail("M_FORBIDDEN")
	}
	key := r.Header.Get("Authorization") + r.URL.Path
	if h.txns[key] == "" {
		h.txns[key] = h.post(arg[0], me.user, arg[1], nil, body)
	}
	return 200, map[string]any{"event_id": h.txns[key]}
}

func messages(h *home, _ device, r *http.Request, _ map[string]any, arg []string) (int, any) {
	rm := h.rooms[arg[0]]
	if rm == nil || rm.forgot {
		return 403, fail("M_FORBIDDEN")
	}
	from, err := strconv.Atoi(strings.TrimPrefix(r.URL.Query().Get("from"), "s"))
	if err != nil {
		from = h.pos
	}
	to, _ := strconv.Atoi(strings.TrimPrefix(r.URL.Query().Get("to"), "s"))
	limit, _ := strconv.Atoi(r.URL.Query().Get("limit"))
	chunk, end := []any{}, ""
	for i := len(rm.events) - 1; i >= 0; i-- {
		p := rm.events[i]
		if p.pos > from || p.pos <= to {
			continue
		}
		if len(chunk) == min(limit, 7) { // small pages, so that paging is seen to work
			end = fmt.Sprintf("s%d", p.pos)
			break
		}
		chunk = append(chunk, p.evt)
	}
	return 200, map[string]any{"chunk": chunk, "end": end, "start": "x"}
}

func userRoutes() []route {
	return []route{
		{"POST", "login", func(h *home, _ device, _ *http.Request, body map[string]any, _ []string) (int, any) {
			if body["password"] != h.password {
				return 403, fail("M_FORBIDDEN")
			}
			user := body["identifier"].(map[string]any)["user"].(string)
			id, _ := body["device_id"].(string)
			token := fmt.Sprintf("tok-%d", h.touch())
			h.tokens[token] = device{user, id}
			return 200, map[string]any{"access_token": token, "device_id": id, "user_id": user}
		}},
		{"GET", "account/whoami", func(_ *home, me device, _ *http.Request, _ map[string]any, _ []string) (int, any) {
			return 200, map[string]any{"user_id": me.user, "device_id": me.id}
		}},
		{"GET", "sync", nil},
		{"POST", "/_matrix/media/v3/upload", func(h *home, _ device, r *http.Request, _ map[string]any, _ []string) (int, any) {
			uri := fmt.Sprintf("mxc://test/m%d", h.touch())
			h.media[uri], _ = io.ReadAll(r.Body)
			return 200, map[string]any{"content_uri": uri}
		}},
		{"GET", "profile/*/displayname", func(*home, device, *http.Request, map[string]any, []string) (int, any) {
			return 200, map[string]any{"displayname": "Vigie la bot"}
		}},
		{"GET", "user/*/account_data/*", func(h *home, me device, _ *http.Request, _ map[string]any, arg []string) (int, any) {
			if v, ok := h.account[me.user+"/"+arg[1]]; ok {
				return 200, v
			}
			return 404, fail("M_NOT_FOUND")
		}},
		{"PUT", "user/*/account_data/*", func(h *home, me device, _ *http.Request, body map[string]any, arg []string) (int, any) {
			h.account[me.user+"/"+arg[1]] = raw(body)
			h.touch()
			return 200, map[string]any{}
		}},
	}
}

func raw(v any) json.RawMessage {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}

func keyRoutes() []route {
	return []route{
		{"POST", "keys/upload", func(h *home, me device, _ *http.Request, body map[string]any, _ []string) (int, any) {
			if dk, ok := body["device_keys"].(map[string]any); ok {
				h.keys[me] = dk
				h.keysAt[me.user] = h.touch()
			}
			otks, _ := body["one_time_keys"].(map[string]any)
			if h.otks[me] == nil {
				h.otks[me] = map[string]json.RawMessage{}
			}
			for k, v := range otks {
				h.otks[me][k] = raw(v)
			}
			return 200, map[string]any{"one_time_key_counts": map[string]any{"signed_curve25519": len(h.otks[me])}}
		}},
		{"POST", "keys/query", queryKeys},
		{"POST", "keys/claim", claimKeys},
		{"POST", "keys/device_signing/upload", func(h *home, me device, _ *http.Request, body map[string]any, _ []string) (int, any) {
			auth, _ := body["auth"].(map[string]any)
			if auth["password"] != h.password {
				return 401, map[string]any{"session": "x", "flows": []any{map[string]any{"stages": []any{"m.login.password"}}}}
			}
			h.cross[me.user] = map[string]json.RawMessage{}
			for _, k := range []string{"master_key", "self_signing_key", "user_signing_key"} {
				h.cross[me.user][k] = raw(body[k])
			}
			return 200, map[string]any{}
		}},
		{"POST", "keys/signatures/upload", func(h *home, me device, _ *http.Request, body map[string]any, _ []string) (int, any) {
			recordSignatures(h, me.user, body)
			mine, _ := body[me.user].(map[string]any)
			for id, v := range mine {
				if dk := h.keys[device{me.user, id}]; dk != nil {
					mine := dk["signatures"].(map[string]any)[me.user].(map[string]any)
					for k, sig := range v.(map[string]any)["signatures"].(map[string]any)[me.user].(map[string]any) {
						mine[k] = sig
					}
				}
			}
			return 200, map[string]any{"failures": map[string]any{}}
		}},
		{"PUT", "sendToDevice/*/*", func(h *home, me device, _ *http.Request, body map[string]any, arg []string) (int, any) {
			for user, devices := range body["messages"].(map[string]any) {
				for id, content := range devices.(map[string]any) {
					for d := range h.keys {
						if d.user == user && (id == "*" || d.id == id) {
							h.inbox[d] = append(h.inbox[d], posted{h.touch(), map[string]any{"sender": me.user, "type": arg[0], "content": content}})
						}
					}
				}
			}
			return 200, map[string]any{}
		}},
	}
}

// backupRoutes keep one key backup, the latest version of it.
func backupRoutes() []route {
	return []route{
		{"GET", "room_keys/version", func(h *home, _ device, _ *http.Request, _ map[string]any, _ []string) (int, any) {
			if h.backup == nil {
				return 404, fail("M_NOT_FOUND")
			}
			return 200, h.backup
		}},
		{"POST", "room_keys/version", func(h *home, _ device, _ *http.Request, body map[string]any, _ []string) (int, any) {
			h.backup = map[string]any{"algorithm": body["algorithm"], "auth_data": body["auth_data"], "version": fmt.Sprint(h.touch())}
			h.backed = map[string]map[string]any{}
			return 200, map[string]any{"version": h.backup["version"]}
		}},
		{"PUT", "room_keys/keys", func(h *home, _ device, r *http.Request, body map[string]any, _ []string) (int, any) {
			if h.backup == nil || r.URL.Query().Get("version") != h.backup["version"] {
				return 403, fail("M_WRONG_ROOM_KEYS_VERSION")
			}
			for room, v := range body["rooms"].(map[string]any) {
				if h.backed[room] == nil {
					h.backed[room] = map[string]any{}
				}
				for id, key := range v.(map[string]any)["sessions"].(map[string]any) {
					h.backed[room][id] = key
				}
			}
			h.touch()
			return 200, map[string]any{"count": 1, "etag": "x"}
		}},
		{"GET", "room_keys/keys", func(h *home, _ device, _ *http.Request, _ map[string]any, _ []string) (int, any) {
			rooms := map[string]any{}
			for room, keys := range h.backed {
				rooms[room] = map[string]any{"sessions": keys}
			}
			return 200, map[string]any{"rooms": rooms}
		}},
	}
}

func queryKeys(h *home, _ device, _ *http.Request, body map[string]any, _ []string) (int, any) {
	devices, master, self, other := map[string]any{}, map[string]any{}, map[string]any{}, map[string]any{}
	for user := range body["device_keys"].(map[string]any) {
		mine := map[string]any{}
		for d, k := range h.keys {
			if d.user == user {
				mine[d.id] = k
			}
		}
		devices[user] = mine
		if c := h.cross[user]; c != nil {
			master[user], self[user], other[user] = c["master_key"], c["self_signing_key"], c["user_signing_key"]
		}
	}
	return 200, map[string]any{"device_keys": devices, "master_keys": master, "self_signing_keys": self, "user_signing_keys": other}
}

func claimKeys(h *home, _ device, _ *http.Request, body map[string]any, _ []string) (int, any) {
	out := map[string]any{}
	for user, devices := range body["one_time_keys"].(map[string]any) {
		mine := map[string]any{}
		for id := range devices.(map[string]any) {
			for k, v := range h.otks[device{user, id}] {
				delete(h.otks[device{user, id}], k)
				mine[id] = map[string]any{k: v}
				break
			}
		}
		out[user] = mine
	}
	return 200, map[string]any{"one_time_keys": out}
}
