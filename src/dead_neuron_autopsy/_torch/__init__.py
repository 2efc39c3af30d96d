"""What `dead_neuron_autopsy.torch` consists of; everything here imports PyTorch."""
