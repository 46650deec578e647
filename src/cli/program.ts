import { readFileSync } from 'node:fs'
import { Command, CommanderError, Option } from 'commander'
import { usageError } from '../support/errors.ts'
import type { DoctorFlags } from './doctor.ts'
import type { InitFlags } from './init.ts'
import type { LabUpFlags } from './lab.ts'
import type { RbacFlags } from './rbac.ts'
import type { RecoverFlags } from './recover.ts'
import type { RunFlags } from './run.ts'

/** A command: says its exit code. Each is loaded when it is called: `recover` must not wait for Vitest. */
type Action<Arguments extends unknown[]> = (...args: Arguments) => Promise<number>

const moreHelp = `
Without a command it is "run": "chaos-test specs/rollout" plays the specs whose paths contain specs/rollout,
and "chaos-test run --help" shows the options.

Exit codes: 0 held, 1 deviated, 2 usage, 3 unsteady, 4 inconclusive, 5 failed, 6 not restored, 128+n interrupted by
signal n.`

/** Parses the arguments and runs the command that they name. @returns its exit code */
export async function buildProgram(args: readonly string[]): Promise<number> {
  const version = packageVersion()
  let exitCode = 0
  const exits = <Arguments extends unknown[]>(action: Action<Arguments>) => {
    return async (...given: Arguments): Promise<void> => {
      exitCode = await action(...given)
    }
  }

  const program = new Command('chaos-test')
    .description('Resilience specs in the style of Vitest.')
    .version(version)
    .helpCommand(false)
    .showHelpAfterError(false)
    .usage('[command] [options] [filters...]')
    .addHelpText('after', moreHelp)

  targetFlags(
    program
      .command('run', { isDefault: true })
      .description('play the spec files whose paths contain one of the filters (default: all)')
      .argument('[filters...]', 'parts of paths of spec files'),
  )
    .option('-t, --test-name-pattern <pattern>', 'only hypotheses whose full title matches the pattern')
    .option('--tags-filter <expression...>', 'only hypotheses with these tags')
    .option('--yes-in <environment>', 'confirm that a target of this environment is meant, as "production"', collect)
    .option('--dry-run', 'read everything, write nothing, and say what would be done and undone')
    .addOption(new Option('--only <part>', 'only look at the steady state').choices(['steady-state']))
    .option('--reporter <name...>', "reporters of Vitest beside ours, such as 'junit' or 'github-actions'")
    .option(
      '--output-file <path>',
      "where a reporter of Vitest writes; of several, each by its name: 'junit=report.xml'",
      collect,
    )
    .option('--metrics-port <port>', 'serve the metrics of the run at this port while it goes on')
    .action(
      exits(async (filters: string[], flags: RunFlags) =>
        (await import('./run.ts')).runCommand(filters, flags, { args, version }),
      ),
    )

  program
    .command('list')
    .description('list the hypotheses without a target and without running anything')
    .argument('[filters...]', 'parts of paths of spec files')
    .option('--config <path>', 'the config file')
    .option('--json', 'as JSON')
    .action(
      exits(async (filters: string[], flags: { config?: string; json?: boolean }) =>
        (await import('./list.ts')).listCommand(filters, flags),
      ),
    )

  program
    .command('report')
    .description('write report.html of runs again, from what they left: also of runs that crashed')
    .argument('[runs...]', 'ids of runs (their beginnings are enough) or their folders (default: the latest)')
    .action(exits(async (runs: string[]) => (await import('./report.ts')).reportCommand(runs)))

  program
    .command('recover')
    .description('undo what runs that have died still owe to their targets')
    .option('--list', 'only say what is owed')
    .option(
      '--context <name>',
      'by what the cluster of this kubeconfig context remembers: no run need be of this folder',
    )
    .option('--namespace <name>', 'the namespace on that cluster (default: "default")')
    .option('--kubeconfig <path>', 'the kubeconfig (default: $KUBECONFIG, else ~/.kube/config)')
    .option('--json', 'as JSON')
    .action(exits(async (flags: RecoverFlags) => (await import('./recover.ts')).recoverCommand(flags)))

  targetFlags(
    program
      .command('init')
      .description('write a config and a first spec for a deployment that is found on the target')
      .argument('[deployment]', 'which one (default: one that has users)'),
  )
    .option('--example', 'a small application instead, with all that a first run in a lab needs')
    .action(
      exits(async (name: string | undefined, flags: InitFlags) => (await import('./init.ts')).initCommand(name, flags)),
    )

  targetFlags(
    program
      .command('doctor')
      .description('look at all that a run needs, and change nothing')
      .argument('[filters...]', 'parts of paths of spec files'),
  )
    .option('--json', 'as JSON')
    .action(
      exits(async (filters: string[], flags: DoctorFlags) =>
        (await import('./doctor.ts')).doctorCommand(filters, flags),
      ),
    )

  program
    .command('rbac')
    .description('print the least Role that a run needs, by what one has needed')
    .option('--run <id>', 'by this run of .chaos/runs (default: the latest; "--dry-run" is one, too)')
    .option('--namespace <name>', 'for this namespace (default: that of the run)')
    .option('--name <name>', 'how the Role is called (default: "chaos-test")')
    .option('--json', 'as JSON')
    .action(exits(async (flags: RbacFlags) => (await import('./rbac.ts')).rbacCommand(flags)))

  const lab = program.command('lab').description('the embedded cluster').helpCommand(false)
  lab
    .command('up')
    .description('start a lab with the manifests of the config and keep it until Ctrl-C')
    .argument('[name]', 'a name, for "--target lab:NAME" and the other lab commands')
    .option('-d, --detach', 'leave it running: it ends by "lab down NAME"')
    .option('--config <path>', 'the config file')
    .option('-f, --manifests <path...>', 'apply these manifests instead of those of the config')
    .option('--nodes <count>', 'how many nodes it has: 1 to 3, instead of what the config says')
    .action(
      exits(async (name: string | undefined, flags: LabUpFlags) =>
        (await import('./lab.ts')).labUpCommand(name, flags),
      ),
    )
  lab
    .command('down')
    .description('end a lab and all its pods')
    .argument('<name>', 'its name')
    .action(exits(async (name: string) => (await import('./lab.ts')).labDownCommand(name)))
  lab
    .command('status')
    .description('show the labs of this project that have a name, and what runs in them')
    .argument('[name]', 'only this one')
    .option('--json', 'as JSON')
    .action(
      exits(async (name: string | undefined, flags: { json?: boolean }) =>
        (await import('./lab-status.ts')).labStatusCommand(name, flags),
      ),
    )
  lab
    .command('kubeconfig')
    .description('print the path of the kubeconfig of a lab')
    .argument('<name>', 'its name')
    .action(exits(async (name: string) => (await import('./lab.ts')).labKubeconfigCommand(name)))

  for (const command of [program, ...program.commands, ...lab.commands]) {
    command.exitOverride().configureOutput({ outputError: () => undefined })
  }
  try {
    await program.parseAsync([...args], { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.exitCode === 0) return 0
    throw usageError('CHAOS_USAGE', `${sentence(error.message)} See "chaos-test --help".`)
  }
  return exitCode
}

/** The values of an option that may be given several times. */
function collect(value: string, values: string[] = []): string[] {
  return [...values, value]
}

function targetFlags(command: Command): Command {
  return command
    .option('--config <path>', 'the config file (default: chaos.config.ts, where there is one)')
    .option(
      '--target <target>',
      '"lab": a lab of its own (default); "lab:NAME": the lab of that name, which is up; "none": no cluster',
    )
    .option('--context <name>', 'act on the cluster of this kubeconfig context, not on a lab')
    .option('--namespace <name>', 'the namespace on that cluster (default: "default")')
    .option('--kubeconfig <path>', 'the kubeconfig (default: $KUBECONFIG, else ~/.kube/config)')
}

function sentence(message: string): string {
  const text = message
    .replace(/^error: /, '')
    .replace(/\s*\n\s*/g, ' ')
    .trim()
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.?]\)?$/.test(text) ? '' : '.'}`
}

function packageVersion(): string {
  for (const path of ['../../package.json', '../../../package.json']) {
    try {
      const { name, version } = JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'))
      if (name === 'chaos-test') return version
    } catch {
      // Not here: from source it is two folders up, from dist three.
    }
  }
  return 'unknown'
}
