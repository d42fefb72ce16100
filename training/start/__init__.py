"""Where first weights come from: initialisation, ImageNet, a finished file."""
