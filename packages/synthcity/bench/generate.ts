/** Measures the generation: `tsx packages/synthcity/bench/generate.ts 20000 1000000 5000000`. Files are written to the system's scratch folder and removed. */

import { generateCity } from '../src/index.ts';
import { inScratch } from '../src/testing.ts';

const sizes = process.argv.slice(2).map(Number);
for (const rows of sizes.length ? sizes : [20_000, 1_000_000])
  await inScratch(async (out) => {
    const before = process.resourceUsage();
    const report = await generateCity({ rows, out, target: { kind: 'files', formats: 'csv' } });
    const after = process.resourceUsage();
    const cpu = (after.userCPUTime + after.systemCPUTime - before.userCPUTime - before.systemCPUTime) / 1e6;
    console.log(
      JSON.stringify({
        rows,
        enterprises: report.enterprises,
        bytesPerRow: Math.round(report.bytes / report.rows),
        seconds: Number(report.seconds.toFixed(1)),
        cpuSeconds: Number(cpu.toFixed(1)),
        peakMiB: Math.round(after.maxRSS / 1024),
      }),
    );
  });
