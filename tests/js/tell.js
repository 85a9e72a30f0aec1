// Tells one scene: `node tell.js NAME ARGUMENTS-AS-JSON` prints what it returned, as JSON.

// The SDK logs to the console; standard output is for the result alone.
for (const level of ["trace", "debug", "info", "log", "warn", "error"]) {
  console[level] = process.env.STORY_DEBUG
    ? (...words) => process.stderr.write(`${words.map(String).join(" ")}\n`)
    : () => {};
}

const scenarios = await import("./scenarios.js");
const [name, args] = process.argv.slice(2);
try {
  const result = await scenarios[name](JSON.parse(args));
  process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0));
} catch (error) {
  process.stderr.write(`${error.stack ?? error}\n`, () => process.exit(1));
}
