package commands

type CampaignsConfig struct{}

func defaultCampaigns() CampaignsConfig                { return CampaignsConfig{} }
func (c *CampaignsConfig) check(cfg *Config) []Problem { return nil }
func campaignCommands() []*Command                     { return nil }
