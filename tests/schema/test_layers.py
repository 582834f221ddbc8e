from workbench.schema.layers import flatten, nest, overlay


def test_nesting_and_flattening_are_inverse():
    flat = {"algorithm.name": "maml", "training.optimizer.lr": 0.1, "device": "cpu"}
    assert flatten(nest(flat)) == flat


def test_a_choice_drops_the_settings_of_the_option_it_replaces():
    below = {"algorithm.name": "maml", "algorithm.inner_lr": 0.4, "task.n_way": 5}
    above = {"algorithm.name": "protonet", "algorithm.distance": "cosine"}
    assert overlay(below, above) == {
        "algorithm.name": "protonet",
        "algorithm.distance": "cosine",
        "task.n_way": 5,
    }


def test_a_choice_that_is_said_again_keeps_its_settings():
    below = {"algorithm.name": "maml", "algorithm.inner_lr": 0.4}
    assert overlay(below, {"algorithm.name": "maml"}) == below


def test_dropping_one_choice_leaves_its_neighbours_alone():
    below = {"training.optimizer.name": "sgd", "training.optimizer.lr": 1.0, "training.steps": 9}
    above = {"training.optimizer.name": "adam"}
    assert overlay(below, above) == {"training.optimizer.name": "adam", "training.steps": 9}
