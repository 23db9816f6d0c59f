"""Operations as processes of their own, which viewers start, follow, control and leave."""
