"""Carry out a plan: a pure state machine decides, a runner acts, backends call tools."""
