"""``python -m matching.evaluation``: the command without the site."""

from matching.evaluation.command import evaluate_sets

if __name__ == "__main__":
    evaluate_sets()
