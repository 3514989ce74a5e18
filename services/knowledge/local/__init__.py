"""How `local` answers: rules that quote a conversation and never compose a fact (basic mode)."""
