"""What other programs start hpadvisor from: a protocol server, an agent's skill, a project."""
