import type { Event } from 'kubernetes-types/core/v1.d.ts'
import type { Stored } from '../objects.ts'
import { eventFields } from '../schemas/core.ts'
import { struct } from '../schemas/schema.ts'
import { formatAge } from '../tables/age.ts'
import { integerColumn, nameColumn, textColumn, wide } from '../tables/column.ts'
import { defineResource } from './define.ts'

type StoredEvent = Stored<Event>

export const events = defineResource<StoredEvent>({
  kind: 'Event',
  shortNames: ['ev'],
  schema: struct(eventFields),
  selectableFields: {
    'involvedObject.kind': ({ involvedObject }) => involvedObject.kind,
    'involvedObject.namespace': ({ involvedObject }) => involvedObject.namespace,
    'involvedObject.name': ({ involvedObject }) => involvedObject.name,
    'involvedObject.uid': ({ involvedObject }) => involvedObject.uid,
    'involvedObject.apiVersion': ({ involvedObject }) => involvedObject.apiVersion,
    'involvedObject.resourceVersion': ({ involvedObject }) => involvedObject.resourceVersion,
    'involvedObject.fieldPath': ({ involvedObject }) => involvedObject.fieldPath,
    reason: ({ reason }) => reason,
    reportingComponent: ({ reportingComponent }) => reportingComponent,
    source: ({ source, reportingComponent }) => source?.component || reportingComponent,
    type: ({ type }) => type,
  },
  columns: [
    textColumn('Last Seen', (event, nowMs) => formatAge(lastSeen(event), nowMs)),
    textColumn('Type', ({ type }) => type ?? ''),
    textColumn('Reason', ({ reason }) => reason ?? ''),
    textColumn('Object', ({ involvedObject: { kind = '', name = '' } }) => `${kind.toLowerCase()}/${name}`),
    wide(textColumn('Subobject', ({ involvedObject }) => involvedObject.fieldPath ?? '')),
    wide(
      textColumn('Source', ({ source, reportingComponent = '' }) =>
        [source?.component || reportingComponent, source?.host].filter(Boolean).join(', '),
      ),
    ),
    textColumn('Message', ({ message }) => message?.trim() ?? ''),
    wide(textColumn('First Seen', (event, nowMs) => formatAge(event.firstTimestamp ?? event.eventTime, nowMs))),
    wide(integerColumn('Count', ({ count, series }) => series?.count ?? count ?? 1)),
    wide(nameColumn),
  ],

  check({ metadata, involvedObject }, problems) {
    const given = involvedObject.namespace || 'default'
    if (given !== metadata.namespace) {
      problems.invalid('involvedObject.namespace', involvedObject.namespace ?? '', 'does not match event.namespace')
    }
  },
})

function lastSeen({ series, lastTimestamp, eventTime, firstTimestamp }: StoredEvent): string | undefined {
  return series?.lastObservedTime ?? lastTimestamp ?? eventTime ?? firstTimestamp
}
