from tests.operations.test_rolling_random import *
import dataclasses
T2 = st.builds(Trouble, down=st.none() | st.tuples(st.floats(0, 2000), st.floats(1, 800)), flaps=st.just([]), errors=st.lists(st.tuples(st.integers(1, 60), st.integers(0, 2)), max_size=1), kills=st.lists(st.integers(1, 40), max_size=1), stop=st.integers(1, 40))
@settings(max_examples=2500, deadline=None, suppress_health_check=SLOW, phases=[Phase.generate, Phase.shrink])
@given(case=cases(), trouble=T2)
def test_hunt(case, trouble, tmp_path_factory):
    case = dataclasses.replace(case, masters=1, old_masters=True)
    world, director, outcome, events = run(case, trouble, tmp_path_factory.mktemp("roll"))
    assert [each for each in world.marks() if not each.endswith("detached")] == []
