package main

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // a machine or container may have no zone files

	"github.com/spf13/cobra"

	"vigie/runbooks/library"
)

// version is stamped by the build.
var version = "dev"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := rootCommand().ExecuteContext(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "vigie:", err)
		os.Exit(1)
	}
}

// rootCommand is the whole program's command line.
func rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use: "vigie", Short: "support bot of a non-profit host, on IRC and Matrix",
		SilenceUsage: true, SilenceErrors: true, Version: version,
	}
	shipped := func() fs.FS { return library.FS() }
	root.AddCommand(runCommand(), checkCommand(), initCommand(), consoleCommand(), scheduleCommand(),
		runbookCommand(shipped), answerCommand(shipped), ticketsCommand(), backupCommand(), restoreCommand(),
		verifyCommand(), compactCommand(), siteCommand(), versionCommand())
	return root
}

func versionCommand() *cobra.Command {
	return &cobra.Command{Use: "version", Short: "say which version this is", Args: cobra.NoArgs,
		Run: func(cmd *cobra.Command, _ []string) { fmt.Fprintln(cmd.OutOrStdout(), "vigie", version) }}
}
