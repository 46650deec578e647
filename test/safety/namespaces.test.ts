import { expect, test } from 'vitest'
import { checkNamespace, defaultSafety, rulesOn } from '../../src/safety/index.ts'

const cluster = { kind: 'kubernetes', namespace: 'shop' } as const

/** What comes of acting in a namespace of the cluster whose target is `shop`. */
function codeOf(namespace: string, settings: Partial<typeof defaultSafety> = {}): string {
  try {
    checkNamespace('A test', namespace, rulesOn(cluster, { ...defaultSafety, ...settings }))
    return 'allowed'
  } catch (error) {
    return (error as { code: string }).code
  }
}

test('on a cluster, the namespace of the target is allowed and no other', () => {
  expect(codeOf('shop')).toBe('allowed')
  expect(codeOf('shop-eu')).toBe('CHAOS_NAMESPACE_NOT_ALLOWED')
})

test.each([
  ['shop', 'shop', true],
  ['shop', 'shops', false],
  ['shop-*', 'shop-eu', true],
  ['shop-*', 'shop-', true],
  ['shop-*', 'shop', false],
  ['*-test', 'shop-test', true],
  ['*-test', 'shop-test-2', false],
  ['a*b*c', 'a-b-c', true],
  ['a*b*c', 'acb', false],
  ['aa*aa', 'aaa', false],
  ['*', 'anything', true],
])('allowing %s, %s: %s', (pattern, namespace, allowed) => {
  expect(codeOf(namespace, { namespaces: [pattern] })).toBe(allowed ? 'allowed' : 'CHAOS_NAMESPACE_NOT_ALLOWED')
})

test('what is protected stays so, whatever is allowed, until the config says otherwise', () => {
  expect(codeOf('kube-system', { namespaces: ['*'] })).toBe('CHAOS_NAMESPACE_PROTECTED')
  expect(codeOf('payments', { namespaces: ['*'], protectedNamespaces: ['payments'] })).toBe('CHAOS_NAMESPACE_PROTECTED')
  expect(codeOf('kube-system', { namespaces: ['*'], protectedNamespaces: [] })).toBe('allowed')
})

test('in a lab every namespace is allowed that is not protected', () => {
  const rules = rulesOn({ kind: 'lab', namespace: 'default' }, defaultSafety)
  expect(() => checkNamespace('A test', 'anything', rules)).not.toThrow()
  expect(() => checkNamespace('A test', 'kube-system', rules)).toThrow(/kube-\*/)
})
