// Reads a compose file and a container file as the programs do that run them, and prints what they come to as JSON:
// container-files COMPOSE CONTAINERFILE. Where those would refuse one it says why and ends with 1.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
)

// Set when it is built.
var version = "unknown"

func main() {
	if len(os.Args) == 2 && os.Args[1] == "--version" {
		fmt.Println(version)
		return
	}
	if err := read(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func read(composeFile, containerFile string) error {
	project, err := compose(composeFile)
	if err != nil {
		return err
	}
	steps, warnings, err := containerfile(containerFile)
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(map[string]any{"project": project, "steps": steps, "warnings": warnings})
}

// compose returns the project that a compose file describes, with every variable filled in.
func compose(path string) (any, error) {
	options, err := cli.NewProjectOptions([]string{path},
		cli.WithWorkingDirectory(filepath.Dir(path)), cli.WithOsEnv, cli.WithEnvFiles(), cli.WithDotEnv)
	if err != nil {
		return nil, err
	}
	return options.LoadProject(context.Background())
}

// containerfile returns the names of the steps of an image, and what the builder would warn of.
func containerfile(path string) ([]string, []string, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	defer file.Close()
	parsed, err := parser.Parse(file)
	if err != nil {
		return nil, nil, err
	}
	warnings := []string{}
	for _, one := range parsed.Warnings {
		warnings = append(warnings, one.Short)
	}
	lint := linter.New(&linter.Config{Warn: func(rule, _, _, message string, _ []parser.Range) {
		warnings = append(warnings, rule+": "+message)
	}})
	stages, _, err := instructions.Parse(parsed.AST, lint)
	if err != nil {
		return nil, nil, err
	}
	steps := []string{}
	for _, stage := range stages {
		for _, command := range stage.Commands {
			steps = append(steps, command.Name())
		}
	}
	return steps, warnings, nil
}
