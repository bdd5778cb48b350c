"""Numbers of theory as the step 'gradients' writes them, made up."""

import pandas as pd

THEORY = {
    **{"dataset": "demo", "model": "resnet18", "recipe": "short", "every": 7},
    "losses": ["mse", "norm_in_norm"],
}
ONCE = {  # loss, quantity: value; all that the statements ask for
    ("rpc", "gradient_growth"): 1.0,
    ("mono", "gradient_growth"): 0.0,
    ("rpc", "growth_near_a_tie"): 1e-11,
    ("mono", "growth_near_a_tie"): 1.0,
    ("rpc", "largest_curvature"): 4.0,
    ("rpc", "lowest_curvature"): -3e-16,
    ("qdc", "largest_curvature"): 4.0,
    ("qac", "cost_of_wrong_order"): 0.6,
    ("qac", "gradient_right_over_wrong"): 1.0,
    ("mono", "gain_over_constant"): 0.0,
    ("dcq", "largest_shift"): 0.3125,
    ("dcq", "distance_to_closed_form"): 2e-16,
    ("norm_in_norm", "loss_on_a_line"): 3e-9,
    ("norm_in_norm", "distance_to_plcc"): 1e-8,
    ("norm_in_norm", "distance_to_rmse"): 1e-8,
}


def measured() -> pd.DataFrame:
    rows = [(loss, quantity, 0.0, 0.0, value) for (loss, quantity), value in ONCE.items()]
    for scale, slope in ((1.0, 1.87), (4.0, 1.22), (100.0, 1.01)):
        rows += [("dcq", "minimum_slope", scale, 0.0, slope)]
        rows += [("dcq", "minimum_plcc", scale, 0.0, 0.99352)]
        rows += [("dcq", "minimum", scale, mos, slope * mos) for mos in (0.1, 0.5, 0.9)]
    for loss in ("mse", "norm_in_norm"):
        above = loss == "norm_in_norm"
        for at, step in ((at, step) for at in range(0, 77, 7) for step in (1e-3, 1e-2)):
            rows += [(loss, "cosine", step, at, 0.1 + 0.5 * above + at / 1000)]
            rows += [(loss, "relative_change", step, at, 2.0 - above + at / 1000)]
        rows += [(loss, "gradient", 0.0, scale, scale) for scale in (0.1, 1.0, 10.0)]
        rows += [(loss, "change_across_a_tie", 0.0, far, 0.25) for far in (1e-3, 1.0)]
    return pd.DataFrame(rows, columns=["loss", "quantity", "setting", "at", "value"])
