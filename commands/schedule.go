package commands

type ScheduleConfig struct{}

func (c *Config) checkSchedules() []Problem { return nil }
func scheduleCommands() []*Command          { return nil }
