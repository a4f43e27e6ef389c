"""The recogniser of printed text: PP-OCRv6 (PaddleOCR), run by ONNX Runtime on the CPU."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from controlllm_tools.errors import ToolUnavailable

if TYPE_CHECKING:  # it loads with the models, not when a tool is listed
    from rapidocr import RapidOCR

_THREADS = 2
_MODELS = {
    "Det": "PP-OCRv6_det_small.onnx",
    "Cls": "ch_ppocr_mobile_v2.0_cls_mobile.onnx",
    "Rec": "PP-OCRv6_rec_small.onnx",
}


def open_recogniser(**options: float) -> RapidOCR:
    """The recogniser; its models come inside the rapidocr package, so nothing is downloaded.

    Args:
        options: Settings of rapidocr, with `__` for the dot in their names.

    Raises:
        ToolUnavailable: The installed rapidocr does not carry the models.
    """
    import rapidocr

    folder = Path(rapidocr.__file__).parent / "models"
    missing = [model for model in _MODELS.values() if not (folder / model).is_file()]
    if missing:
        msg = f"rapidocr came without {missing[0]}; pip install 'rapidocr>=3.10,<4'"
        raise ToolUnavailable(msg)
    return rapidocr.RapidOCR(
        params={
            "Global.log_level": "critical",
            "EngineConfig.onnxruntime.intra_op_num_threads": _THREADS,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
            **{f"{part}.model_path": str(folder / model) for part, model in _MODELS.items()},
            **{name.replace("__", "."): value for name, value in options.items()},
        }
    )
