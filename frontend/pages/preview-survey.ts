/** The questions after a visit in the preview of the builder. */
import "./preview/still";
import "./survey";
