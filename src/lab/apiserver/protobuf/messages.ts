/**
 * The messages of the kinds that kubectl sends as protobuf, as `number:name:type` of each field: `[]` is a list, `{}` a
 * map from strings, and `-` what a client cannot set and is passed over. What is missing here is refused by its number. Numbers and names are those of the published
 * `generated.proto` files of the Kubernetes API (Copyright The Kubernetes Authors, Apache-2.0).
 */
export const messages: Readonly<Record<string, string>> = {
  Affinity: '1:nodeAffinity:NodeAffinity 2:podAffinity:PodAffinity 3:podAntiAffinity:PodAntiAffinity',
  AppArmorProfile: '1:type:string 2:localhostProfile:string',
  Capabilities: '1:add:string[] 2:drop:string[]',
  ClientIPConfig: '1:timeoutSeconds:int32',
  ConfigMap: '1:metadata:ObjectMeta 4:immutable:bool 2:data:{string} 3:binaryData:{bytes}',
  ConfigMapEnvSource: '1:localObjectReference:LocalObjectReference 2:optional:bool',
  ConfigMapKeySelector: '1:localObjectReference:LocalObjectReference 2:key:string 3:optional:bool',
  ConfigMapVolumeSource:
    '1:localObjectReference:LocalObjectReference 2:items:KeyToPath[] 3:defaultMode:int32 4:optional:bool 5:defaultUser:int64',
  Container:
    '1:name:string 2:image:string 3:command:string[] 4:args:string[] 5:workingDir:string 6:ports:ContainerPort[] 19:envFrom:EnvFromSource[] 7:env:EnvVar[] 8:resources:ResourceRequirements 24:restartPolicy:string 9:volumeMounts:VolumeMount[] 21:volumeDevices:VolumeDevice[] 10:livenessProbe:Probe 11:readinessProbe:Probe 22:startupProbe:Probe 12:lifecycle:Lifecycle 13:terminationMessagePath:string 20:terminationMessagePolicy:string 14:imagePullPolicy:string 15:securityContext:SecurityContext 16:stdin:bool 17:stdinOnce:bool 18:tty:bool',
  ContainerPort: '1:name:string 2:hostPort:int32 3:containerPort:int32 4:protocol:string 5:hostIP:string',
  DeleteOptions:
    '1:gracePeriodSeconds:int64 2:preconditions:Preconditions 3:orphanDependents:bool 4:propagationPolicy:string 5:dryRun:string[] 6:ignoreStoreReadErrorWithClusterBreakingPotential:bool',
  Deployment: '1:metadata:ObjectMeta 2:spec:DeploymentSpec 3:status:-',
  DeploymentSpec:
    '1:replicas:int32 2:selector:LabelSelector 3:template:PodTemplateSpec 4:strategy:DeploymentStrategy 5:minReadySeconds:int32 6:revisionHistoryLimit:int32 7:paused:bool 9:progressDeadlineSeconds:int32',
  DeploymentStrategy: '1:type:string 2:rollingUpdate:RollingUpdateDeployment',
  DownwardAPIVolumeFile:
    '1:path:string 2:fieldRef:ObjectFieldSelector 3:resourceFieldRef:ResourceFieldSelector 4:mode:int32 5:user:int64',
  DownwardAPIVolumeSource: '1:items:DownwardAPIVolumeFile[] 2:defaultMode:int32 3:defaultUser:int64',
  EmptyDirVolumeSource: '1:medium:string 2:sizeLimit:Quantity 3:mode:int32',
  EnvFromSource: '1:prefix:string 2:configMapRef:ConfigMapEnvSource 3:secretRef:SecretEnvSource',
  EnvVar: '1:name:string 2:value:string 3:valueFrom:EnvVarSource',
  EnvVarSource:
    '1:fieldRef:ObjectFieldSelector 2:resourceFieldRef:ResourceFieldSelector 3:configMapKeyRef:ConfigMapKeySelector 4:secretKeyRef:SecretKeySelector',
  Eviction: '1:metadata:ObjectMeta 2:deleteOptions:DeleteOptions',
  ExecAction: '1:command:string[]',
  GRPCAction: '1:port:int32 2:service:string 3:mode:string',
  HTTPGetAction:
    '1:path:string 2:port:IntOrString 3:host:string 4:scheme:string 5:httpHeaders:HTTPHeader[] 6:protocol:string',
  HTTPHeader: '1:name:string 2:value:string',
  HostAlias: '1:ip:string 2:hostnames:string[]',
  HostPathVolumeSource: '1:path:string 2:type:string',
  KeyToPath: '1:key:string 2:path:string 3:mode:int32 4:user:int64',
  LabelSelector: '1:matchLabels:{string} 2:matchExpressions:LabelSelectorRequirement[]',
  LabelSelectorRequirement: '1:key:string 2:operator:string 3:values:string[]',
  Lifecycle: '1:postStart:LifecycleHandler 2:preStop:LifecycleHandler 3:stopSignal:string',
  LifecycleHandler: '1:exec:ExecAction 2:httpGet:HTTPGetAction 3:tcpSocket:TCPSocketAction 4:sleep:SleepAction',
  LocalObjectReference: '1:name:string',
  Namespace: '1:metadata:ObjectMeta 2:spec:NamespaceSpec 3:status:-',
  NamespaceSpec: '1:finalizers:string[]',
  NodeAffinity:
    '1:requiredDuringSchedulingIgnoredDuringExecution:NodeSelector 2:preferredDuringSchedulingIgnoredDuringExecution:PreferredSchedulingTerm[]',
  NodeSelector: '1:nodeSelectorTerms:NodeSelectorTerm[]',
  NodeSelectorRequirement: '1:key:string 2:operator:string 3:values:string[]',
  NodeSelectorTerm: '1:matchExpressions:NodeSelectorRequirement[] 2:matchFields:NodeSelectorRequirement[]',
  NonResourceAttributes: '1:path:string 2:verb:string',
  ObjectFieldSelector: '1:apiVersion:string 2:fieldPath:string',
  ObjectMeta:
    '1:name:string 2:generateName:string 3:namespace:string 4:selfLink:string 5:uid:string 6:resourceVersion:string 7:generation:int64 8:creationTimestamp:Time 9:deletionTimestamp:Time 10:deletionGracePeriodSeconds:int64 11:labels:{string} 12:annotations:{string} 13:ownerReferences:OwnerReference[] 14:finalizers:string[] 17:managedFields:-',
  ObjectReference:
    '1:kind:string 2:namespace:string 3:name:string 4:uid:string 5:apiVersion:string 6:resourceVersion:string 7:fieldPath:string',
  OwnerReference:
    '5:apiVersion:string 1:kind:string 3:name:string 4:uid:string 6:controller:bool 7:blockOwnerDeletion:bool',
  PodAffinity:
    '1:requiredDuringSchedulingIgnoredDuringExecution:PodAffinityTerm[] 2:preferredDuringSchedulingIgnoredDuringExecution:WeightedPodAffinityTerm[]',
  PodAffinityTerm:
    '1:labelSelector:LabelSelector 2:namespaces:string[] 3:topologyKey:string 4:namespaceSelector:LabelSelector 5:matchLabelKeys:string[] 6:mismatchLabelKeys:string[]',
  PodAntiAffinity:
    '1:requiredDuringSchedulingIgnoredDuringExecution:PodAffinityTerm[] 2:preferredDuringSchedulingIgnoredDuringExecution:WeightedPodAffinityTerm[]',
  PodDNSConfig: '1:nameservers:string[] 2:searches:string[] 3:options:PodDNSConfigOption[]',
  PodDNSConfigOption: '1:name:string 2:value:string',
  PodDisruptionBudget: '1:metadata:ObjectMeta 2:spec:PodDisruptionBudgetSpec 3:status:-',
  PodDisruptionBudgetSpec:
    '1:minAvailable:IntOrString 2:selector:LabelSelector 3:maxUnavailable:IntOrString 4:unhealthyPodEvictionPolicy:string',
  PodReadinessGate: '1:conditionType:string',
  PodSecurityContext:
    '1:seLinuxOptions:SELinuxOptions 2:runAsUser:int64 6:runAsGroup:int64 3:runAsNonRoot:bool 4:supplementalGroups:int64[] 12:supplementalGroupsPolicy:string 5:fsGroup:int64 7:sysctls:Sysctl[] 9:fsGroupChangePolicy:string 10:seccompProfile:SeccompProfile 11:appArmorProfile:AppArmorProfile 13:seLinuxChangePolicy:string',
  PodSpec:
    '1:volumes:Volume[] 20:initContainers:Container[] 2:containers:Container[] 3:restartPolicy:string 4:terminationGracePeriodSeconds:int64 5:activeDeadlineSeconds:int64 6:dnsPolicy:string 7:nodeSelector:{string} 8:serviceAccountName:string 9:serviceAccount:string 21:automountServiceAccountToken:bool 10:nodeName:string 11:hostNetwork:bool 12:hostPID:bool 13:hostIPC:bool 27:shareProcessNamespace:bool 14:securityContext:PodSecurityContext 15:imagePullSecrets:LocalObjectReference[] 16:hostname:string 17:subdomain:string 18:affinity:Affinity 19:schedulerName:string 22:tolerations:Toleration[] 23:hostAliases:HostAlias[] 24:priorityClassName:string 25:priority:int32 26:dnsConfig:PodDNSConfig 28:readinessGates:PodReadinessGate[] 29:runtimeClassName:string 30:enableServiceLinks:bool 31:preemptionPolicy:string 32:overhead:{Quantity} 33:topologySpreadConstraints:TopologySpreadConstraint[] 35:setHostnameAsFQDN:bool 37:hostUsers:bool 40:resources:ResourceRequirements 41:hostnameOverride:string',
  PodTemplateSpec: '1:metadata:ObjectMeta 2:spec:PodSpec',
  Preconditions: '1:uid:string',
  PreferredSchedulingTerm: '1:weight:int32 2:preference:NodeSelectorTerm',
  Probe:
    '1:handler:ProbeHandler 2:initialDelaySeconds:int32 3:timeoutSeconds:int32 4:periodSeconds:int32 5:successThreshold:int32 6:failureThreshold:int32 7:terminationGracePeriodSeconds:int64',
  ProbeHandler: '1:exec:ExecAction 2:httpGet:HTTPGetAction 3:tcpSocket:TCPSocketAction 4:grpc:GRPCAction',
  ResourceAttributes:
    '1:namespace:string 2:verb:string 3:group:string 4:version:string 5:resource:string 6:subresource:string 7:name:string',
  ResourceFieldSelector: '1:containerName:string 2:resource:string 3:divisor:Quantity',
  ResourceRequirements: '1:limits:{Quantity} 2:requests:{Quantity}',
  RollingUpdateDeployment: '1:maxUnavailable:IntOrString 2:maxSurge:IntOrString',
  SELinuxOptions: '1:user:string 2:role:string 3:type:string 4:level:string',
  SeccompProfile: '1:type:string 2:localhostProfile:string',
  Secret: '1:metadata:ObjectMeta 5:immutable:bool 2:data:{bytes} 4:stringData:{string} 3:type:string',
  SecretEnvSource: '1:localObjectReference:LocalObjectReference 2:optional:bool',
  SecretKeySelector: '1:localObjectReference:LocalObjectReference 2:key:string 3:optional:bool',
  SecretVolumeSource: '1:secretName:string 2:items:KeyToPath[] 3:defaultMode:int32 4:optional:bool 5:defaultUser:int64',
  SecurityContext:
    '1:capabilities:Capabilities 2:privileged:bool 3:seLinuxOptions:SELinuxOptions 4:runAsUser:int64 8:runAsGroup:int64 5:runAsNonRoot:bool 6:readOnlyRootFilesystem:bool 7:allowPrivilegeEscalation:bool 9:procMount:string 11:seccompProfile:SeccompProfile 12:appArmorProfile:AppArmorProfile',
  SelfSubjectAccessReview: '1:metadata:ObjectMeta 2:spec:SelfSubjectAccessReviewSpec 3:status:-',
  SelfSubjectAccessReviewSpec: '1:resourceAttributes:ResourceAttributes 2:nonResourceAttributes:NonResourceAttributes',
  Service: '1:metadata:ObjectMeta 2:spec:ServiceSpec 3:status:-',
  ServiceAccount:
    '1:metadata:ObjectMeta 2:secrets:ObjectReference[] 3:imagePullSecrets:LocalObjectReference[] 4:automountServiceAccountToken:bool',
  ServicePort:
    '1:name:string 2:protocol:string 6:appProtocol:string 3:port:int32 4:targetPort:IntOrString 5:nodePort:int32',
  ServiceSpec:
    '1:ports:ServicePort[] 2:selector:{string} 3:clusterIP:string 18:clusterIPs:string[] 4:type:string 5:externalIPs:string[] 7:sessionAffinity:string 8:loadBalancerIP:string 9:loadBalancerSourceRanges:string[] 10:externalName:string 11:externalTrafficPolicy:string 12:healthCheckNodePort:int32 13:publishNotReadyAddresses:bool 14:sessionAffinityConfig:SessionAffinityConfig 19:ipFamilies:string[] 17:ipFamilyPolicy:string 20:allocateLoadBalancerNodePorts:bool 21:loadBalancerClass:string 22:internalTrafficPolicy:string 23:trafficDistribution:string',
  SessionAffinityConfig: '1:clientIP:ClientIPConfig',
  SleepAction: '1:seconds:int64',
  Sysctl: '1:name:string 2:value:string',
  TCPSocketAction: '1:port:IntOrString 2:host:string',
  Toleration: '1:key:string 2:operator:string 3:value:string 4:effect:string 5:tolerationSeconds:int64',
  TopologySpreadConstraint:
    '1:maxSkew:int32 2:topologyKey:string 3:whenUnsatisfiable:string 4:labelSelector:LabelSelector 5:minDomains:int32 6:nodeAffinityPolicy:string 7:nodeTaintsPolicy:string 8:matchLabelKeys:string[]',
  Volume: '1:name:string 2:volumeSource:VolumeSource',
  VolumeDevice: '1:name:string 2:devicePath:string',
  VolumeMount:
    '1:name:string 2:readOnly:bool 7:recursiveReadOnly:string 3:mountPath:string 4:subPath:string 5:mountPropagation:string 6:subPathExpr:string 8:bindMountOptions:string[]',
  VolumeSource:
    '1:hostPath:HostPathVolumeSource 2:emptyDir:EmptyDirVolumeSource 6:secret:SecretVolumeSource 16:downwardAPI:DownwardAPIVolumeSource 19:configMap:ConfigMapVolumeSource',
  WeightedPodAffinityTerm: '1:weight:int32 2:podAffinityTerm:PodAffinityTerm',
}
