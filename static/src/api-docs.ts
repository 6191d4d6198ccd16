/** The readable page of /api/openapi.json. */
import 'swagger-ui-dist/swagger-ui.css'
import './styles/api-docs.css'
import SwaggerUI from 'swagger-ui-dist/swagger-ui-es-bundle.js'

interface Options {
  url: string
  dom_id: string
  [name: string]: unknown
}

const open = SwaggerUI as (options: Options) => unknown
open({ url: '/api/openapi.json', dom_id: '#api-docs', deepLinking: true, docExpansion: 'list', defaultModelsExpandDepth: 0, validatorUrl: null, syntaxHighlight: false })
