"""Properties of the losses by automatic differentiation: curvature, minima, gradients in a run."""
