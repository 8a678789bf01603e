import fc from "fast-check";
import { it, expect } from "vitest";
import { workerText, plainLine, quoted, visibleText } from "/work/main/src/core/safe-text.ts";
import { actions } from "/work/main/test/core/github-reader.ts";
const parts = ["@mona","#12","`","``","```","````","~~~","\n","\n","\n\n","\n```\n","\n  ```\n","\n    ```\n","  ","    ","   ","\t","- ","\n- ","\n1. ","2. ","10.  ","> ","\n> ","\n>","|","a","b ","\\","<","<b>","<pre>","<!-- dispatch:status 1/x -->","-->","&#64;","&#x40;mona","&commat;mona","&#96;","[","](","](https://github.com/o/r/issues/3)","![","![x](http://e/x.png)","fixes ","owner/repo#3","GH-4","/dispatch ","[ ] ","[x] ","\n---\n","\n|---|---|\n","\n===\n","-","[^1]: ","[a]: ","*","_","**","https://x.y/@mona","\u200b","\r\n",":","!",")","\"","~","#","# "];
const hostile = fc.array(fc.constantFrom(...parts), {maxLength: 25}).map(a=>a.join(""));
it("worker", () => {
  fc.assert(fc.property(hostile, (t) => { const s = workerText(t); const a = actions(s); if (a.length) throw new Error(JSON.stringify({s,a})); expect(s.replace(/\u200d/g,'')).not.toMatch(/<!--\s*dispatch/); }), {numRuns: Number(process.env.RUNS??20000), endOnFailure:false});
}, 600000);
it("embedded", () => {
  fc.assert(fc.property(hostile, (t) => { const s = `Before\n\n${workerText(t)}\n\n- [ ] Cancel @octocat\n\n${quoted(workerText(t))}\n\nEnd @octocat`; const a = actions(s).filter(x=>!x.startsWith("box: [ ] Cancel")&&x!=="mention: End @octocat"&&x!=="mention:  Cancel @octocat"&&x!=="mention: [ ] Cancel @octocat"); if (a.length) throw new Error(JSON.stringify({s,a})); const n=actions(s).filter(x=>x.includes("End @octocat")).length; if(n!==3) throw new Error("swallowed "+JSON.stringify(s)); }), {numRuns: Number(process.env.RUNS??20000)});
}, 600000);
it("bounded", () => {
  fc.assert(fc.property(hostile, fc.integer({min:0,max:120}), (t,l) => { const s = workerText(t,l); if (s.length>l) throw new Error(s.length+" "+JSON.stringify(s)); const a=actions(s); if (a.length) throw new Error(JSON.stringify({s,a})); const p = plainLine(t,l); if (p.length>l||p.includes("\n")||actions(p).length|| plainLine(p,l)!==p) throw new Error("plain "+JSON.stringify([p,actions(p),plainLine(p,l)])); }), {numRuns: Number(process.env.RUNS??20000)});
}, 600000);
it("idempotent", () => {
  fc.assert(fc.property(hostile, (t) => { const s = workerText(t); const w=workerText(s); if (w!==s) throw new Error(JSON.stringify([s,w])); }), {numRuns: 5000});
}, 600000);
