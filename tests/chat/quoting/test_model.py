"""The trained coefficients that ship with the package."""

import numpy as np
import pytest

from parley.chat.quoting.abstention import ANSWER_FEATURE_NAMES
from parley.chat.quoting.compose import coefficients
from parley.chat.quoting.features import FEATURE_NAMES
from parley.chat.quoting.model import read_network


class TestCoefficients:
    def test_the_shipped_ones_fit_the_code(self) -> None:
        shipped = coefficients()
        for profile in (shipped.english, shipped.others, shipped.foreign):
            assert profile.ranking.features == FEATURE_NAMES
            assert profile.abstention.features == ANSWER_FEATURE_NAMES
            assert 0 < profile.threshold < 1

    def test_coverage_speaks_for_a_sentence(self) -> None:
        rows = np.tile(coefficients().english.ranking.mean, (2, 1))
        rows[1, FEATURE_NAMES.index("coverage")] += 0.4
        low, high = coefficients().english.ranking.score(rows)
        assert high > low


class TestReadNetwork:
    def test_a_linear_net_is_a_weighted_sum(self) -> None:
        data = {"features": ["a", "b"], "mean": [0, 1], "scale": [1, 2], "layers": [[[[1], [4]], [0.5]]]}
        network = read_network(data, ["a", "b"])
        assert network.score(np.asarray([[3, 5]], np.float32)).tolist() == [3 + 4 * 2 + 0.5]

    def test_other_features_are_refused(self) -> None:
        data = {"features": ["a"], "mean": [0], "scale": [1], "layers": [[[[1]], [0]]]}
        with pytest.raises(ValueError, match="other features"):
            read_network(data, ["b"])
