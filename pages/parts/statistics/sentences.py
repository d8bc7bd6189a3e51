"""The sentences of the lessons on other images and on running statistics, each in one piece.

A name in braces is a place that whoever picks the sentence fills.
"""

from __future__ import annotations

# Who influences whom?
BN_MOVES = (
    "**BatchNorm moves image 1** by up to {largest:.4f} (largest: {place}): its mean of a channel is taken over all "
    "images, so every other image has a part in it."
)
OTHERS_STAY = (
    "**{others}: 0.** Their sets end where the image ends. Nothing that happens in image {last} can reach image 1."
)
EARLIER_NORMS = "For BatchNorm the norms before this one, which are BatchNorm as well, take part in this too."
BN_STAYS = (
    "**In inference BatchNorm does not move either.** It no longer looks at the batch: it takes the running mean and "
    "variance that training left behind, the same for every image."
)
AFTER_SETTLING = "Here they are those after {batches} batches, of which the one chosen above is the first."
LEARNED = "Here they are those that this network learned in its training."
SAME_IN_BOTH_MODES = "{others} compute the same in both modes."

HOW_FAR = "**How far did the normalized image 1 move?** Image {last} is now replacement {number}; image 1 is the same."
NOBODY_ELSE = "There is only one image, so no other one can influence it. Choose a larger N under “Shape”."
IN_THE_PICTURE = (
    "In the picture: corners mark the cells of image {last} that are new, and “∂x̂/∂x” shows how the pinned cell's "
    "x̂ answers to every cell."
)
GRADIENT = "∂x̂/∂x"

# Training and inference.
NOT_RUNNING = "The picture shows {title}, which keeps nothing from training: choose BatchNorm to see the running batch."
WHY_RUNNING = (
    "In inference BatchNorm could go by the batch's own statistics, but as a rule it should not: the same image would "
    "get another answer beside other images, and one image alone is a small sample. It takes running estimates "
    "instead, which training collects: **running ← (1 − m) · running + m · batch**, m = {momentum:.2f} being the "
    "momentum. Wu and Johnson discuss when the batch's own are right all the same "
    "([arXiv:2105.07576](https://arxiv.org/abs/2105.07576))."
)
KERAS = (
    "This is PyTorch's momentum, 0.1 by default. Keras and TensorFlow call 1 − m the momentum: {keras:.2f} there is "
    "{momentum:.2f} here, and their default, 0.99, is 0.01 here."
)
STARTS_AT = "Running {name} of channel {channel}, 0 batches seen: it starts at **{value:.0f}**"
AFTER_ONE = (
    "Running {name} of channel {channel}, 1 batch seen: {old:.2f} · {before} + {momentum:.2f} · {new} = **{value:.4f}**"
)
AFTER_SEVERAL = (
    "Running {name} of channel {channel}, {count} batches seen: {old:.2f} · {before} + {momentum:.2f} · {new} = "
    "**{value:.4f}**"
)
UNBIASED = "torch collects the unbiased variance of a batch: {cells:,} / {less:,} · {biased} = {new}."
WHICH_BATCHES = {
    "integers": "Batch 1 is the one chosen above, edits included; each later one has the next seed (batch 2: {second}, "
    "which “Shape” shows).",
    "layers": "Batch 1 is the one chosen above; each later one holds random pictures (batch 2: {second}).",
    "images": "Batch 1 is the one chosen above; the later ones take the training set four by four, by position from 0 "
    "(batch 2: {second}).",
}
LAST_IN_PICTURE = "In training mode the picture shows the last of them, batch {count}; in inference mode, batch 1."
IN_FRONT_OF_BN = (
    "These are the numbers in front of BatchNorm, in a network with BatchNorm. The picture shows what {title} "
    "receives, in a network of its own."
)
COMES_ALONE = (
    "**Then image 1 of batch 1 comes alone.** x̂ of its pinned cell in training, among its batch, and in inference; and "
    "the largest gap between the two in all of image 1:"
)
LARGEST_GAP = "BatchNorm's largest gap, {gap:.4f}, is at {place}."
ALONE = (
    "BatchNorm by the **running** values gives {alone:.4f}; by the statistics of a batch of this one image it would "
    "give {by_batch:.4f}. All other norms compute the same alone as among others: **no gap**. The cell shown is "
    "{place} of image 1, where the pin is."
)
NOTHING_COLLECTED = (
    "A batch that is refused leaves no running estimates behind: choose a larger N or H = W under “Shape”."
)
NOTHING_SEEN = (
    "No batch seen yet: the running mean is 0 and the running variance 1, so BatchNorm leaves x as it is, but for ε."
)
