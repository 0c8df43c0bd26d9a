/** A page of booking in the preview of the builder. */
import "./preview/still";
import "./book";
