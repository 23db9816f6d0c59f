"""Operations: journaled state machines that apply plans and roll nodes, and emit events."""
