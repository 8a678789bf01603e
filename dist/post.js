import { Ft as warning, Ot as archived, bt as unsettledTask, mt as readStep, t as finishAfterKill } from "./work-chunk.js";

// src/action/post.ts
async function main() {
	const ref = unsettledTask();
	if (ref !== null) await finishAfterKill(await readStep(), ref);
}
main().catch((error) => warning(`The run could not be tidied up: ${String(archived(error, false)?.message ?? error)}`));

export {  };