import type { Argument, Command, Option } from 'commander';

const HEAD = `# Commands

Every command of \`bake\`, made from the program by \`npm run docs:reference\`. \`bake COMMAND --help\` says the same on a terminal.

Exit codes: 0 done; 1 the run failed, or something that was asked is not so; 2 usage or configuration; 130 interrupted.
`;

/** The reference of a program's commands as Markdown. */
export function commandReference(program: Command): string {
  const sections = leaves(program).map(section);
  return [HEAD, '## Options of every command', '', ...optionTable(program.options), '', ...sections].join(
    '\n',
  );
}

/** Commands that do something, in the order of the help: those that only hold others are told by them. */
export const leaves = (command: Command): Command[] =>
  command.commands
    .filter((one) => !isHidden(one))
    .flatMap((one) => (one.commands.length > 0 ? leaves(one) : [one]));

/** Commander keeps it to itself; the help leaves them out. */
const isHidden = (command: Command): boolean => (command as Command & { _hidden?: boolean })._hidden === true;

/** `bake fleet apply` */
const fullName = (command: Command): string =>
  command.parent ? `${fullName(command.parent)} ${command.name()}` : command.name();

function section(command: Command): string {
  const name = fullName(command);
  const lines = [`## ${name}`, '', sentence(command.description()), ''];
  const usage = [
    name,
    ...command.registeredArguments.map(argumentWord),
    ...(command.options.length > 0 ? ['[options]'] : []),
  ];
  lines.push('```', usage.join(' '), '```', '');
  if (command.registeredArguments.length > 0)
    lines.push(
      ...table(
        ['argument', ''],
        command.registeredArguments.map((one) => [argumentWord(one), one.description]),
      ),
      '',
    );
  if (command.options.length > 0) lines.push(...optionTable(command.options), '');
  const examples = examplesOf(command);
  if (examples.length > 0) lines.push('Examples:', '', '```', ...examples, '```', '');
  return lines.join('\n');
}

const argumentWord = (argument: Argument): string => {
  const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
  return argument.required ? `<${name}>` : `[${name}]`;
};

const optionTable = (options: readonly Option[]): string[] =>
  table(
    ['option', ''],
    options.filter(({ hidden }) => !hidden).map((option) => [option.flags, optionWords(option)]),
  );

/** With what the program adds to it in its help. */
const optionWords = ({ description, argChoices, mandatory }: Option): string =>
  `${description}${argChoices ? `: ${argChoices.join(', ')}` : ''}${mandatory ? ' (required)' : ''}`;

const table = (head: [string, string], rows: [string, string][]): string[] => [
  `| ${head.join(' | ')} |`,
  '| --- | --- |',
  ...rows.map(([name, what]) => `| \`${name}\` | ${what.replaceAll('|', '\\|')} |`),
];

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

/** As the help shows them. */
function examplesOf(command: Command): string[] {
  let help = '';
  command.configureOutput({
    writeOut: (text) => {
      help += text;
    },
  });
  command.outputHelp();
  return [...help.matchAll(/^ {2}\$ (.*)$/gm)].map(([, line]) => line as string);
}
