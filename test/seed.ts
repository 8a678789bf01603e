import fc from "fast-check";
import { IN_FULL } from "./stories/hostings.ts";

// For tests that draw their cases. The gate draws the same ones every time, so that what it says of a commit stays true;
// `npm run test:full` draws new ones, and prints the seed of what it finds.
if (!IN_FULL) fc.configureGlobal({ seed: 7 });
