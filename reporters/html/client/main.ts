import 'uplot/dist/uPlot.min.css'
import './style/colours.css'
import './style/base.css'
import './style/overview.css'
import './style/hypothesis.css'
import './style/timeline.css'
import './style/waterfall.css'
import { App } from './app.ts'
import { readView } from './data.ts'

const root = document.getElementById('report')
if (root) new App(root, readView()).start()
