/** The page of a visit in the preview of the builder: the same page, with stand-ins for all that lives. */
import "./preview/still";
import "./preview/stand-in";
import "./visit";
