# One training step in PyTorch, for bench/training.ts: CPU milliseconds a step on one thread.
# usage: python training.py default|fused STEPS
import json
import sys
import time

import torch

torch.set_num_threads(1)
torch.manual_seed(1)
head = torch.nn.Sequential(torch.nn.Linear(1280, 512), torch.nn.ReLU(), torch.nn.Linear(512, 128))
adam = torch.optim.Adam(head.parameters(), lr=1e-3, fused=True if sys.argv[1] == 'fused' else None)
features = torch.nn.functional.normalize(torch.randn(128, 1280))
labels = torch.arange(128) // 8
same = labels[:, None] == labels[None, :]
positive, negative = same & ~torch.eye(128, dtype=torch.bool), ~same


def step():
    unit = torch.nn.functional.normalize(head(features))
    similarity = unit @ unit.T
    least = similarity.masked_fill(~positive, 9).min(1, keepdim=True)[0]
    most = similarity.masked_fill(~negative, -9).max(1, keepdim=True)[0]
    far = positive & (similarity - 0.1 < most)
    near = negative & (similarity + 0.1 > least)
    pull = torch.log1p((torch.exp(-2 * (similarity - 0.5)) * far).sum(1)) / 2
    push = torch.log1p((torch.exp(40 * (similarity - 0.5)) * near).sum(1)) / 40
    loss = ((pull + push) * (far.any(1) & near.any(1))).mean()
    adam.zero_grad()
    loss.backward()
    adam.step()


steps = int(sys.argv[2])
for _ in range(20):
    step()
start = time.process_time()
for _ in range(steps):
    step()
print(json.dumps({'version': torch.__version__, 'ms': 1000 * (time.process_time() - start) / steps}))
