"""The sentences about errors, each in one piece.

A name in braces is a place that whoever picks the sentence fills. What is plural has a sentence of its own, or
stands behind a colon, where 1 reads as well as 2.
"""

# A combination of sets.
WRONG_IN_ONE = "wrong in {name}"
WRONG_IN_BOTH = "wrong in both"
WRONG_IN_ALL = "wrong in all {sets}"
WRONG_IN_ALL_BUT = "wrong in all but {names}"
WRONG_ONLY_IN = "wrong only in {names}"

# All combinations.  {kind}: what is intersected, "runs" or "methods".  {together}: a line of the above.
WRONG_IN_THE_ONE = "Test images that are wrong in {name}: **{wrong}** of {images:,}. Choose a second run to compare."
NONE_TOGETHER = (
    "Test images that are wrong in at least one of {sets} {kind}: {wrong}. **None are {together}**; {alone}."
)
ONE_TOGETHER = "Test images that are wrong in at least one of {sets} {kind}: {wrong}. **1 is {together}**; {alone}."
SOME_TOGETHER = (
    "Test images that are wrong in at least one of {sets} {kind}: {wrong}. **{shared} are {together}**; {alone}."
)
ALONE = "{count} only in {name}"
ALONE_IN_MANY = "{count} in one of the {kind} only ({least} to {most} each)"

# How much two runs share.
SEEDS_AND_METHODS_SHARE = (
    "Two seeds of one method share **{within:.0f} %** of the images that either gets wrong, two methods "
    "**{between:.0f} %** (means over {within_pairs} and {between_pairs} pairs)."
)
TWO_RUNS_SHARE = (
    "Two runs share **{share:.0f} %** of the images that either gets wrong. Two seeds of one method may differ as "
    "much: choose some to see."
)
RUNS_SHARE = (
    "Two runs share **{share:.0f} %** of the images that either gets wrong (mean over {pairs} pairs). Two seeds of one "
    "method may differ as much: choose some to see."
)
TWO_SEEDS_SHARE = "Two seeds share **{share:.0f} %** of the images that either gets wrong."
SEEDS_SHARE = "Two seeds share **{share:.0f} %** of the images that either gets wrong (mean over {pairs} pairs)."

# One image under every run.  {runs}: a list of RUN_AT, or MANY_RUNS.
RIGHT = "**{answer}**, right: {runs}."
WRONG = "**{answer}**: {runs}; the true class {true} gets {left}."
WRONG_WITHIN = "**{answer}**: {runs}; the true class {true} gets {low} to {high}."
RUN_AT = "{name} at {confidence}"
MANY_RUNS = "{runs} runs, from {least} ({least_name}) to {most} ({most_name})"

# Two confusion matrices.
MORE_RIGHT = (
    "**{first} minus {second}.** Of the test images {first} gets {images} more right. Kinds of error that occur more "
    "or less often: {kinds}; a plus is an error that {first} makes more often."
)
FEWER_RIGHT = (
    "**{first} minus {second}.** Of the test images {first} gets {images} fewer right. Kinds of error that occur more "
    "or less often: {kinds}; a plus is an error that {first} makes more often."
)
AS_MANY_RIGHT = (
    "**{first} minus {second}.** Of the test images {first} gets as many right. Kinds of error that occur more or less "
    "often: {kinds}; a plus is an error that {first} makes more often."
)
