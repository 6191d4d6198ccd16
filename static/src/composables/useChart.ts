/**
 * A chart by ECharts in a box: drawn when it is mounted, when what it shows changes and when the look does (it cannot read the tokens of
 * the style by itself), fitted when its box does. What it is made of is registered by whoever draws (`use`).
 */
import { init, type EChartsCoreOption, type EChartsType } from 'echarts/core'
import { onBeforeUnmount, onMounted, watch, type Ref } from 'vue'

/** The value of a token of the style. */
export type Token = (name: string) => string

export function useChart(box: Readonly<Ref<HTMLElement | null>>, shown: () => unknown, option: (token: Token, size: number) => EChartsCoreOption) {
  let drawn: EChartsType | null = null
  let resized: ResizeObserver | undefined
  let look: MutationObserver | undefined
  const still = typeof window.matchMedia === 'function' && window.matchMedia('(prefers-reduced-motion: reduce)').matches

  function draw(): void {
    if (drawn === null) return
    const style = getComputedStyle(document.documentElement)
    const token: Token = (name) => style.getPropertyValue(name).trim()
    drawn.setOption({ animation: !still, animationDuration: 200, ...option(token, parseFloat(style.fontSize)) }, { notMerge: true })
  }

  onMounted(() => {
    if (box.value === null) return
    drawn = init(box.value)
    draw()
    resized = new ResizeObserver(() => drawn?.resize())
    resized.observe(box.value)
    look = new MutationObserver(draw)
    look.observe(document.documentElement, { attributes: true, attributeFilter: ['class', 'data-type'] })
  })
  onBeforeUnmount(() => {
    resized?.disconnect()
    look?.disconnect()
    drawn?.dispose()
  })
  watch(shown, draw)
  return { draw }
}
