"""The kinds of `foreman.llmkube.dev/v1alpha1` and the few core kinds we use."""
