"""The parts of a race's program that are the program's own: plain PyTorch, as one would write it in a notebook."""

DIGITS = """
from sklearn.datasets import load_digits

bunch = load_digits()
small = torch.from_numpy(bunch.images).float() / 16  # (1797, 8, 8), 0..1
large = F.interpolate(small[:, None], size=(24, 24), mode="bilinear", align_corners=False)
images = F.pad(large, (2, 2, 2, 2))[:, 0].mul(255).round().to(torch.uint8)  # (1797, 28, 28)
labels = torch.from_numpy(bunch.target).long()
test = torch.arange(len(labels)) % 5 == 4
train_images, train_labels, test_images, test_labels = images[~test], labels[~test], images[test], labels[test]
"""

TORCHVISION = """
from torchvision import datasets

train_set, test_set = (datasets.{name}("data", train=train, download=True) for train in (True, False))
train_images, train_labels = train_set.data, train_set.targets
test_images, test_labels = test_set.data, test_set.targets
"""

CHOSEN = """
chosen, chosen_test = balanced(train_labels, {train}), balanced(test_labels, {test})
train_images, train_labels = train_images[chosen], train_labels[chosen]
test_images, test_labels = test_images[chosen_test], test_labels[chosen_test]
"""

BATCHES = '''
counts = torch.bincount(train_images.flatten(), minlength=256).double()
values, shares = torch.arange(256, dtype=torch.float64) / 255, counts / counts.sum()
MEAN = float((shares * values).sum())
STD = math.sqrt(float((shares * (values - MEAN).square()).sum()))

if VALIDATION:  # mean and standard deviation stay those of all training images
    kept = len(train_images) - len(train_images) // 12
    test_images, test_labels = train_images[kept:], train_labels[kept:]
    train_images, train_labels = train_images[:kept], train_labels[:kept]


def to_input(images):
    """uint8 (B, 28, 28) -> float (B, 1, 28, 28)."""
    return images[:, None].float().div_(255)


def batches():
    """All batches of a run, in an order of the seed: every variant gets the same."""
    generator = torch.Generator().manual_seed(SEED)
    for _ in range(EPOCHS):
        for index in torch.randperm(len(train_images), generator=generator).split(BATCH_SIZE):
            x = to_input(train_images[index])
            if AUGMENT:
                x = augment(x, generator)
            yield x.sub_(MEAN).div_(STD), train_labels[index]
'''

NAMES = """NORMS, ConfigError = ("bn", "ln", "gn", "in", "none"), ValueError


def effective_groups(name, channels, groups):
    \"\"\"InstanceNorm is GroupNorm with a group for each channel.\"\"\"
    return channels if name == "in" else groups

"""

NETWORK = '''
class Net(nn.Module):
    """Five convolutions, each with its norm and ReLU; the maximum over the image; a linear layer."""

    def __init__(self, norm, groups):
        super().__init__()
        channels = [1, WIDTH, WIDTH, WIDTH, 2 * WIDTH, 2 * WIDTH]
        bias = norm == "none" or norm in WITHOUT_BETA  # beta does what a bias would
        self.convs = nn.ModuleList(
            nn.Conv2d(channels[i], channels[i + 1], 3, padding=1 if i else PADDING, bias=bias) for i in range(5)
        )
        self.norms = nn.ModuleList(make_norm(norm, c, groups) for c in channels[1:])
        self.head = nn.Linear(channels[-1], CLASSES)
        generator = torch.Generator().manual_seed(SEED)
        for conv in self.convs:
            nn.init.kaiming_uniform_(conv.weight, a=math.sqrt(5), generator=generator)
            if bias:
                nn.init.zeros_(conv.bias)
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(self.head.bias)
        self.to(memory_format=torch.channels_last)

    def forward(self, x):
        x = x[:, :, BORDER : SIDE - BORDER, BORDER : SIDE - BORDER]
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=MIXED and self.training):
            for i, (conv, norm) in enumerate(zip(self.convs, self.norms)):
                x = conv(x)
                if i in POOL_AFTER:
                    x = F.max_pool2d(x, 2)
                x = F.relu_(norm(x))
        x = F.max_pool2d(x, list(x.shape[2:])).flatten(1)  # the maximum over the image
        return self.head(x.float())
'''

TRAINING = '''
def train(variant):
    """Yield (model, step, loss, penalty) after every step of one variant."""
    model = Net(variant["norm"], variant["groups"]).train()
    vector = as_vector(model)  # all parameters and their gradients at once
    penalized = mask(model, [p for p in model.parameters() if p.ndim >= 2])
    optimizer = torch.optim.SGD([vector], lr=LR, momentum=MOMENTUM, nesterov=True, fused=True)
    steps = EPOCHS * math.ceil(len(train_images) / BATCH_SIZE)
    for step, (x, y) in enumerate(batches()):
        optimizer.param_groups[0]["lr"] = learning_rate(step, steps, LR)
        loss = F.cross_entropy(model(x), y)
        weights = vector.detach() * penalized
        penalty = variant["l1"] * weights.abs().sum() + variant["l2"] * weights.square().sum()
        vector.grad.zero_()
        loss.backward()
        if variant["l1"]:  # the gradients of the penalties
            vector.grad.addcmul_(vector.detach().sign(), penalized, value=variant["l1"])
        if variant["l2"]:
            vector.grad.addcmul_(vector.detach(), penalized, value=2 * variant["l2"])
        norm = torch.linalg.vector_norm(vector.grad)
        vector.grad.mul_((MAX_GRADIENT_NORM / (norm + 1e-6)).clamp_(max=1))
        optimizer.step()
        yield model, step + 1, float(loss.detach()), float(penalty)


def evaluate(model):
    """Test loss, and accuracy in percent, in inference mode."""
    model.eval()
    with torch.inference_mode():
        parts = [model(to_input(part).sub_(MEAN).div_(STD)) for part in test_images.split(100)]
    model.train()
    logits = torch.cat(parts)
    accuracy = 100 * (logits.argmax(dim=1) == test_labels).float().mean()
    return float(F.cross_entropy(logits, test_labels)), float(accuracy)
'''

RACE = """
results = {}
batches_each = math.ceil(len(train_images) / BATCH_SIZE)
for variant in VARIANTS:
    losses, rows = [], []
    for model, step, loss, _ in train(variant):
        losses.append(loss)
        if step % batches_each == 0:
            test_loss, accuracy = evaluate(model)
            rows.append((step // batches_each, test_loss, accuracy))
            print(f"{variant['name']}: epoch {rows[-1][0]}, test loss {test_loss:.4f}, accuracy {accuracy:.2f} %")
    results[variant["name"]] = losses, rows
"""

CURVES = """
from plotly.subplots import make_subplots

figure = make_subplots(1, 2, subplot_titles=["Test loss", "Test accuracy (%)"])
for name, (_, rows) in results.items():
    epochs, test_losses, accuracies = zip(*rows)
    figure.add_scatter(x=epochs, y=test_losses, name=name, row=1, col=1)
    figure.add_scatter(x=epochs, y=accuracies, name=name, row=1, col=2, showlegend=False)
figure.update_xaxes(title="Epoch")
figure.write_html("race.html")
"""
