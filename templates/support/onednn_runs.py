def onednn_runs(x: Tensor, *others: Tensor | None) -> bool:
    """Whether oneDNN's kernels may run: on a CPU, without gradients, and unwatched."""
    if watched():
        return False
    gradients = torch.is_grad_enabled()
    for tensor in (x, *others):
        if tensor is None:
            continue
        if tensor.device.type != "cpu" or tensor.dtype != x.dtype:
            return False
        if gradients and tensor.requires_grad:
            return False
    if not bool(torch.backends.mkldnn.enabled):
        return False
    if x.dtype == torch.bfloat16:
        return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())
    return x.dtype == torch.float32
