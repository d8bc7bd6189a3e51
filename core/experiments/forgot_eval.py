"""You forgot ``model.eval()``: BN that takes the statistics of whatever batch it is tested in."""

from __future__ import annotations

from core.experiments.by_seed import difference
from core.experiments.companies import OF_ALL, measure_companies
from core.experiments.experiment import Check, Experiment, Prediction, Scalar, Source
from core.experiments.forgot_eval_seen import LARGE, MOST, OPTIONS, seen, who_suffers
from core.experiments.forgot_eval_shown import BATCH_NORM, OWN_STATISTICS, picture, words
from core.experiments.study_networks import BN, PLAIN_BN, label, study_networks

PLAIN = label(PLAIN_BN)


def _check(statement: str, margin: float, network: str, more: dict[str, Scalar], less: dict[str, Scalar]) -> Check:
    return Check(
        statement=statement.format(network=network),
        margin=margin,
        difference=difference("error", more, less, network=network),
    )


def _share(varied: str, share: int) -> dict[str, Scalar]:
    return {"varied": varied, "amount": share, "class": OF_ALL}


def _size(size: int) -> dict[str, Scalar]:
    return {"varied": "size", "amount": size}


BY_SIZE = "{network} in training mode has a higher error on pairs of images than on batches of 128."
BY_CLASS = (
    "Where 90 % of a batch of 64 are of one class, {network} in training mode has a higher error on that class than on "
    "the others."
)
ALONE = "On batches of one class {network} has a higher error in training mode than in inference mode."
CHECKS = (
    _check(BY_SIZE, 5, BATCH_NORM, _size(2), _size(LARGE)),
    _check(BY_CLASS, 10, BATCH_NORM, _share("its images", MOST), _share("the others", MOST)),
    _check(BY_CLASS, 10, PLAIN, _share("its images", MOST), _share("the others", MOST)),
    _check(ALONE, 10, BATCH_NORM, _share("its images", 100), {"varied": "inference", "amount": 0}),
)

FORGOT_EVAL = Experiment(
    name="forgot-eval",
    title="You forgot model.eval()",
    question="A trained network is tested in training mode. Does it matter which images share a batch?",
    claim="In training mode BN takes the statistics of the batch at hand, so an image's answer depends on the other "
    "images; in inference the output should depend on the input alone, and BN needs fixed statistics for that.",
    source=Source(
        paper="Ioffe and Szegedy 2015",
        arxiv="1502.03167",
        place="Section 3.1",
        closest="The claim that comes closest: the same weights, tested with running averages, with precise "
        "statistics and with those of the batch at hand, differ (Wu and Johnson 2021, arXiv 2105.07576).",
    ),
    prediction=Prediction(
        question="A batch of 64 holds 58 sevens and 6 other digits, and BN is still in training mode. Who suffers?",
        options=OPTIONS,
        right=who_suffers,
    ),
    trials=lambda seeds, quick: study_networks((BN, PLAIN_BN, *OWN_STATISTICS), seeds, quick=quick),
    measure=measure_companies,
    picture=picture,
    words=words,
    seen=seen,
    checks=CHECKS,
    terms="No training: the networks are the study's, trained for 20 epochs on MNIST. Each of the first 10,000 test "
    "images is in one random batch of each size; for every class and share 16 batches of 64 are drawn. BN without L1 "
    "and IN have the seeds 0 to 2, the study has no others.",
    reduced="One seed, and 1,000 test images instead of 10,000.",
    live=True,
)
