"""The accuracy of a run beside the same reckoned from its proposals one by one."""

from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.analysis.accuracy import Decided, accuracy_of
from shared.contracts.runs import RunAccuracy

Proposal = tuple[str, str, float, bool]

PROPOSALS = st.lists(
    st.tuples(
        st.sampled_from(["pending", "approved", "rejected", "merged"]),
        st.sampled_from(["approve", "review", "reject"]),
        st.floats(0, 1),
        st.booleans(),
    ),
    max_size=40,
)


def outcome(proposal: Proposal) -> float:
    """What a sure and right confidence would have been."""
    return 0.0 if proposal[0] == "rejected" else 1.0


def agrees(proposal: Proposal) -> bool:
    """Whether it was decided as recommended."""
    return proposal[1] == ("approve" if outcome(proposal) else "reject")


def counted(proposals: list[Proposal]) -> Decided:
    """As the repository counts them."""
    decided = [each for each in proposals if each[0] != "pending"]
    recommended = [each for each in decided if each[1] != "review"]
    return Decided(
        approved=sum(each[0] == "approved" for each in decided),
        rejected=sum(each[0] == "rejected" for each in decided),
        merged=sum(each[0] == "merged" for each in decided),
        edited_approved=sum(each[0] == "approved" and each[3] for each in decided),
        recommended=len(recommended),
        agreed=sum(map(agrees, recommended)),
        squared_error=sum((each[2] - outcome(each)) ** 2 for each in decided),
    )


@given(PROPOSALS)
def test_rates_are_the_means_over_the_proposals(proposals: list[Proposal]) -> None:
    found = accuracy_of(counted(proposals))
    decided = [each for each in proposals if each[0] != "pending"]
    approved = [each for each in decided if each[0] == "approved"]
    recommended = [each for each in decided if each[1] != "review"]
    for rate, of in (
        (found.approval_rate, [outcome(each) for each in decided]),
        (found.rejection_rate, [1 - outcome(each) for each in decided]),
        (found.edited_rate, [float(each[3]) for each in approved]),
        (found.agreement_rate, [float(agrees(each)) for each in recommended]),
        (found.brier_score, [(each[2] - outcome(each)) ** 2 for each in decided]),
    ):
        assert rate == (pytest.approx(fmean(of)) if of else None)


@given(PROPOSALS)
def test_rates_are_shares(proposals: list[Proposal]) -> None:
    found = accuracy_of(counted(proposals))
    rates = (
        found.approval_rate,
        found.rejection_rate,
        found.edited_rate,
        found.agreement_rate,
        found.brier_score,
    )
    assert all(rate is None or 0 <= rate <= 1 for rate in rates)
    if found.approval_rate is not None and found.rejection_rate is not None:
        assert found.approval_rate + found.rejection_rate == pytest.approx(1)


def test_nothing_decided_is_no_rate() -> None:
    assert accuracy_of(Decided(0, 0, 0, 0, 0, 0, 0.0)) == RunAccuracy()


def test_always_wrong_and_always_right_are_the_ends_of_the_scale() -> None:
    wrong = accuracy_of(Decided(0, 4, 0, 0, 4, 0, 4.0))
    assert (wrong.approval_rate, wrong.agreement_rate, wrong.brier_score) == (0, 0, 1)
    assert wrong.edited_rate is None
    right = accuracy_of(Decided(1, 0, 3, 1, 4, 4, 0.0))
    assert (right.approval_rate, right.agreement_rate, right.brier_score, right.edited_rate) == (1, 1, 0, 1)
