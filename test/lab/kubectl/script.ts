/** A command of the script, as words after `kubectl`, and which of the lines that it prints are compared. */
export interface Step {
  words: string[]
  /** Given to it. */
  input?: string
  /** The lines that count; absent: all. */
  lines?: RegExp
  /** Done when the step before has shown: a command that ends when the cluster has come to rest. */
  settled?: boolean
}

const container = (image: string) => `
        - name: web
          image: counter/service2:${image}
          imagePullPolicy: IfNotPresent
          ports: [{ name: http, containerPort: 8000 }]
          readinessProbe: { httpGet: { path: /health, port: http }, periodSeconds: 1 }`

const manifest = (image: string, replicas = 2) => `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, labels: { app: web } }
spec:
  replicas: ${replicas}
  selector: { matchLabels: { app: web } }
  strategy: { type: RollingUpdate, rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } }
  template:
    metadata: { labels: { app: web } }
    spec:
      terminationGracePeriodSeconds: 1
      containers:${container(image)}
`

const service = `
apiVersion: v1
kind: Service
metadata: { name: web }
spec: { selector: { app: web }, ports: [{ port: 80, targetPort: http }] }
---`

function step(command: string, options: Omit<Step, 'words'> = {}): Step {
  const words = [...command.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '')
  return { words, ...options }
}

const settle = step('rollout status deployment/web --timeout=60s', { lines: /successfully/, settled: true })

/** The commands that people use, in an order in which each has something to show. */
export const script: readonly Step[] = [
  step('apply -f -', { input: service + manifest('v1') }),
  settle,
  step('apply -f -', { input: service + manifest('v1') }),
  step('diff -f -', { input: service + manifest('v1') }),
  step('diff -f -', { input: service + manifest('v1', 3), lines: /^[-+] +replicas/ }),
  step('get deployment web'),
  step('get deployment web -o wide'),
  step('get deployment,rs,pods -o name'),
  step('get rs -o wide'),
  step('get pods -l app=web'),
  step('get pods -l app=nobody'),
  step('get pods -o wide', { lines: /^NAME/ }),
  step('get service web'),
  step('get endpoints web', { lines: /^NAME/ }),
  step(`get deployment web -o 'jsonpath={.spec.replicas} {.status.readyReplicas} {.metadata.generation}'`),
  step(`get deployment web -o 'custom-columns=NAME:.metadata.name,IMAGE:.spec.template.spec.containers[0].image'`),
  step('get deployment web -o yaml', {
    lines:
      /^ {0,2}(apiVersion|kind|metadata|spec|status|name|namespace|replicas|strategy|selector|template|availableReplicas|observedGeneration|readyReplicas|updatedReplicas|progressDeadlineSeconds|revisionHistoryLimit)\b/,
  }),
  step('get deployment web -o json', {
    lines: /"(replicas|maxSurge|maxUnavailable|type|imagePullPolicy|containerPort|restartPolicy|dnsPolicy)":/,
  }),
  step('get deployment nobody'),
  step('get pods --field-selector status.phase=Running -o name'),
  step('describe deployment web', {
    lines:
      /^(Name|Namespace|Labels|Annotations|Selector|Replicas|StrategyType|MinReadySeconds|RollingUpdateStrategy|Pod Template| {2}Labels| {2}Containers| {3}web| {4}(Image|Port|Readiness|Environment|Mounts)| {2}Volumes|Conditions| {2}(Type|Available|Progressing) |OldReplicaSets|NewReplicaSet|Events)/,
  }),
  step('describe pods -l app=web', {
    lines:
      /^(Name|Namespace|Labels|Status|Controlled By|Containers| {2}web| {4}(Image|Port|State|Ready|Restart Count|Readiness):|Conditions|QoS Class| {2}(Ready|ContainersReady|PodScheduled|Initialized) )/,
  }),
  step('describe service web', { lines: /^(Name|Namespace|Labels|Selector|Type|Port|TargetPort|Session Affinity):/ }),
  step('set image deployment/web web=counter/service2:v2'),
  settle,
  step('set env deployment/web COLOUR=green'),
  settle,
  step('rollout history deployment/web'),
  step('rollout history deployment/web --revision=2', { lines: /Image|revision/ }),
  step('rollout history deployment/web --revision=9'),
  step('rollout undo deployment/web'),
  settle,
  step('rollout undo deployment/web --to-revision=1'),
  settle,
  step('rollout history deployment/web'),
  step('rollout restart deployment/web'),
  settle,
  step('rollout pause deployment/web'),
  step('rollout pause deployment/web'),
  step('rollout undo deployment/web'),
  step('rollout resume deployment/web'),
  settle,
  step('scale deployment/web --replicas=3'),
  settle,
  step('scale deployment/web --replicas=1 --current-replicas=9'),
  step('get deployment web'),
  step('label deployment web tier=front'),
  step('label deployment web tier=back'),
  step('label deployment web tier=back --overwrite'),
  step('label deployment web tier-'),
  step('annotate deployment web note=x'),
  step(`patch deployment web -p '{"spec":{"minReadySeconds":1}}'`),
  step(`patch deployment web --type merge -p '{"spec":{"minReadySeconds":2}}'`),
  step(`patch deployment web --type json -p '[{"op":"replace","path":"/spec/minReadySeconds","value":0}]'`),
  step(`patch deployment web --type json -p '[{"op":"test","path":"/spec/replicas","value":9}]'`),
  step(`patch deployment web -p '{"spec":{"replicas":-1}}'`),
  step(`patch deployment web -p '{"spec":{"selector":{"matchLabels":{"app":"other"}}}}'`),
  settle,
  step('wait --for=condition=available deployment/web --timeout=60s'),
  step('wait --for=condition=never deployment/web --timeout=1s'),
  step('logs deployment/web --tail=1', { lines: /^$/ }),
  step('logs deployment/nobody'),
  step('logs deployment/web -c other', { lines: /container/ }),
  step(`exec deployment/web -- node -e 'console.log(6*7)'`),
  step(`exec deployment/web -- node -e 'process.exit(3)'`),
  step('exec nobody -- true'),
  step('auth can-i create deployments'),
  step(`create configmap settings --from-literal=colour=green`),
  step(`create configmap settings --from-literal=colour=green`),
  step('get configmap settings -o jsonpath={.data.colour}'),
  step('create secret generic keys --from-literal=key=value'),
  step('get secret keys'),
  step('create deployment tried --image=counter/service2:v1 --dry-run=server -o name'),
  step('get deployment tried'),
  step('apply --server-side --force-conflicts -f -', { input: manifest('v1', 2), lines: /serverside/ }),
  settle,
  step('apply --server-side --field-manager=other -f -', { input: manifest('v1', 3), lines: /replicas|Apply failed/ }),
  step('delete pod nobody'),
  step('delete configmap,secret settings keys'),
  step('delete deployment web --cascade=orphan'),
  step('get deployment,rs -o name'),
  step('delete rs -l app=web --cascade=foreground', { lines: /deleted/ }),
  step('get rs -o name'),
  step('apply -f -', { input: manifest('v1', 1) }),
  settle,
  step('delete deployment web'),
  step('wait --for=delete pods -l app=web --timeout=60s', { lines: /^timed out/ }),
  step('get pods'),
  step('delete service web'),
  step('get nothing'),
]
