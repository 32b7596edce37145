package alert

import (
	"cmp"
	"encoding/json"
	"fmt"
	"time"
)

// message is the part of Alertmanager's webhook, version 4, that is read.
type message struct {
	Version     string            `json:"version"`
	GroupKey    string            `json:"groupKey"`
	Truncated   int               `json:"truncatedAlerts"`
	Status      string            `json:"status"`
	Receiver    string            `json:"receiver"`
	Labels      map[string]string `json:"commonLabels"`
	Annotations map[string]string `json:"commonAnnotations"`
	GroupLabels map[string]string `json:"groupLabels"`
	Alerts      []struct {
		Status      string            `json:"status"`
		Labels      map[string]string `json:"labels"`
		Starts      time.Time         `json:"startsAt"`
		Ends        time.Time         `json:"endsAt"`
		Fingerprint string            `json:"fingerprint"`
	} `json:"alerts"`
}

// mostAlerts bounds how many alerts of one message are looked at.
const mostAlerts = 1000

// readAlertmanager reads a group's message. One alert is told from another by its fingerprint;
// the group lasts while one of them does, or while there are some that the message leaves out.
func (s *Source) readAlertmanager(body []byte) (Signal, error) {
	var m message
	if err := json.Unmarshal(body, &m); err != nil {
		return Signal{}, fmt.Errorf("%w: not Alertmanager's", errShape)
	}
	if m.Version != "4" || m.GroupKey == "" || m.Status != "firing" && m.Status != "resolved" {
		return Signal{}, fmt.Errorf("%w: not version 4 of Alertmanager's webhook", errShape)
	}
	sig := Signal{Key: m.GroupKey, Firing: m.Status == "firing", Truncated: max(m.Truncated, 0)}
	for n, a := range m.Alerts {
		if n == mostAlerts {
			sig.Truncated += len(m.Alerts) - n
			break
		}
		one := Alert{Print: cmp.Or(a.Fingerprint, fmt.Sprint(a.Labels)), Firing: a.Status == "firing", From: a.Starts}
		if !one.Firing {
			one.Until = a.Ends
		}
		sig.Alerts = append(sig.Alerts, one)
	}
	env := map[string]any{"labels": nonNil(m.Labels), "annotations": nonNil(m.Annotations), "status": m.Status, "receiver": m.Receiver}
	sig.Service = m.Labels["service"]
	sig.Title = cmp.Or(m.Annotations["summary"], m.Labels["alertname"], m.GroupLabels["alertname"])
	sig.Severity = map[string]int{"page": 1, "critical": 2, "warning": 3, "info": 4}[m.Labels["severity"]]
	return sig, s.common(&sig, env)
}

func nonNil(m map[string]string) map[string]string {
	if m == nil {
		return map[string]string{}
	}
	return m
}
