def onednn_runs(x: Tensor, weight: Tensor) -> bool:
    """Whether oneDNN's kernels may run: on a CPU, without gradients, and no compiler looks on."""
    if x.device.type != "cpu" or x.dtype != weight.dtype or not torch.backends.mkldnn.enabled:
        return False
    if torch.compiler.is_compiling() or torch._C._get_tracing_state() is not None:
        return False
    if torch.is_grad_enabled() and (x.requires_grad or weight.requires_grad):
        return False
    if x.dtype == torch.bfloat16:
        return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())
    return x.dtype == torch.float32
