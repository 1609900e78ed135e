/** Why a command of a document is not run by the test that walks through it. */
interface NotRun {
  readonly command: RegExp
  readonly because: string
  /** The test or script that runs it, or the like, in another way. */
  readonly runBy?: string
}

/** The commands of README.md and docs/ that no walk runs. Each pattern has to match a command that is there. */
export const NOT_RUN: readonly NotRun[] = [
  // The project's own tests and packages.
  { command: /^npm ci && npm test/, because: 'it would run itself', runBy: '.ci/run' },
  { command: /^npm ci$/, because: 'it replaces what runs', runBy: '.ci/run' },
  {
    command: /^npm run demo/,
    because: 'it has a test of its own',
    runBy: 'test/examples/demo.test.ts',
  },
  {
    command: /npm pack$|npm install -g|^lookalike --version$/,
    because: 'it asks the registry of npm, and compiles for minutes',
    runBy: 'test/installed-package.test.ts',
  },
  {
    command: /^npx (?:openapi-typescript|@hey-api\/openapi-ts) /,
    because: 'it has a test of its own',
    runBy: 'test/clients/generated-clients.test.ts',
  },
  {
    command: /new OpenAI\(/,
    because: 'it has a test of its own',
    runBy: 'test/http/embeddings.test.ts',
  },
  {
    command: /^curl -X POST \S+\/v1\/examples$/,
    because: 'the walk has a collection emoji of another kind',
    runBy: 'test/http/examples.test.ts',
  },
  {
    command: /^const tree = new MTree\(/,
    because: 'it is of the source, not of the package',
    runBy: 'test/support/metric-index-contract.ts',
  },
  {
    command: /^npx lookalike train examples\/emoji --compare /,
    because: 'it trains four heads for a minute, after the one that the walk trains',
    runBy: 'test/cli/train/train.test.ts',
  },
  // What a plain machine lacks.
  {
    command: /^docker (?:build|run|compose) /,
    because: 'there is no Docker',
    runBy: 'docker/build-and-try.sh',
  },
  {
    command:
      /^ONNXRUNTIME_NODE_INSTALL=cuda12 npm rebuild |^node -e .*'cuda'|^npx lookalike models check NAME --provider cuda$/,
    because: 'there is no GPU',
  },
  {
    command: /^pip install |^schemathesis |^openapi-python-client |^PYTHONPATH=lookalike-client /,
    because: 'it asks PyPI',
  },
  { command: /^python quantise\.py$|^import glob\n/, because: 'it needs onnxruntime for Python' },
  {
    command:
      /^npx lookalike (?:models (?:add model-int8\.onnx --name|check)|evaluate FOLDER --model) mine-int8/,
    because: 'it needs the model that onnxruntime for Python makes',
  },
  {
    command: /^mkdir backup && sqlite3 /,
    because: 'not every machine has the program sqlite3',
    runBy: 'test/engine/embedded/store/open-mark.test.ts',
  },
  // What lies elsewhere.
  { command: /^curl .*https:\/\/example\.com\//s, because: 'it fetches from the internet' },
  {
    command: /^npx lookalike models pull hf:/,
    because: 'it downloads from the Hugging Face hub',
    runBy: 'test/cli/models/models-pull.test.ts',
  },
  {
    command: /^npx lookalike (?:train|evaluate) grocery /,
    because: 'its pictures are not in the repository',
  },
]

export function isNotRun({ text }: { readonly text: string }): boolean {
  return NOT_RUN.some(({ command }) => command.test(text))
}
