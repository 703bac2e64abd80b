//go:build race

package prooftest

func init() { slow = true }
