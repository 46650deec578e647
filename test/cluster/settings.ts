/** Where the tests find the real cluster. */
export interface ClusterSettings {
  /** The path of a kubeconfig whose current context may be used. */
  kubeconfig: string
  /**
   * The path of a command that gives images to the nodes: `COMMAND [-e NAME=VALUE]... NAME:TAG ROOT ENTRYPOINT...`, where
   * ROOT is the file system of the image; `COMMAND --node-root ROOT` fills one with a Node.js.
   */
  loadImage: string
  /**
   * The path of a folder with a file `NAME.pid` for each of its servers `apiserver`, `controller-manager` and `scheduler`,
   * which run on this machine and may be killed and started.
   */
  pidFolder?: string
}

/** @throws when a variable is not set: who runs these tests means a cluster, and must not be told that all is well */
export function clusterSettings(): ClusterSettings {
  const {
    CHAOS_TEST_KUBECONFIG: kubeconfig,
    CHAOS_TEST_LOAD_IMAGE: loadImage,
    CHAOS_TEST_CLUSTER_PIDS: pidFolder,
  } = process.env
  if (kubeconfig && loadImage) return { kubeconfig, loadImage, ...(pidFolder ? { pidFolder } : {}) }
  const error = new Error(
    'The tests against a real Kubernetes need CHAOS_TEST_KUBECONFIG, the path of a kubeconfig whose current context may ' +
      'be used, and CHAOS_TEST_LOAD_IMAGE, the path of a command that loads images into its nodes.',
  )
  // Where it was thrown tells the reader nothing.
  error.stack = error.message
  throw error
}

/** Whether the servers of the cluster may be stopped. Where nobody said so, CI fails rather than skip what stops them. */
export function mayStopServers(): boolean {
  return clusterSettings().pidFolder !== undefined || process.env.CI !== undefined
}
